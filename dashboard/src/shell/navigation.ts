import {
  Activity,
  BookOpen,
  ChartNoAxesCombined,
  CreditCard,
  Database,
  FileUp,
  KeyRound,
  Link2,
  type LucideIcon,
  Radar,
  Receipt,
  ScrollText,
  Settings,
  Users,
  UsersRound,
  Webhook,
} from 'lucide-react'
import type { Account } from '#dash/api/session.ts'

/** A place in the navigation; also offered by the palette. */
export interface Place {
  readonly name: string
  readonly href: string
  readonly icon: LucideIcon
  /** Further words that the palette finds it by. */
  readonly words?: string
}

export interface PlaceGroup {
  readonly name: string
  readonly places: readonly Place[]
}

const GROUPS: readonly PlaceGroup[] = [
  {
    name: 'Workspace',
    places: [
      { name: 'Overview', href: '/app', icon: ChartNoAxesCombined, words: 'home clicks dashboard' },
      { name: 'Links', href: '/app/links', icon: Link2, words: 'short url qr' },
      { name: 'Files', href: '/app/files', icon: FileUp, words: 'upload share' },
      { name: 'Lookup', href: '/app/lookup', icon: Radar, words: 'ip domain asn network' },
    ],
  },
  {
    name: 'Developers',
    places: [
      { name: 'API keys', href: '/app/keys', icon: KeyRound, words: 'token origin' },
      { name: 'Webhooks', href: '/app/webhooks', icon: Webhook, words: 'events deliveries' },
      { name: 'API reference', href: '/docs', icon: BookOpen, words: 'openapi documentation' },
    ],
  },
  {
    name: 'Team',
    places: [
      { name: 'Members', href: '/app/team', icon: Users, words: 'invite roles audit' },
      { name: 'Plan and usage', href: '/app/plan', icon: CreditCard, words: 'credits orders billing' },
      {
        name: 'Settings',
        href: '/app/settings',
        icon: Settings,
        words: 'password two-factor sessions profile',
      },
    ],
  },
]

const OPERATOR_GROUP: PlaceGroup = {
  name: 'Operator',
  places: [
    { name: 'Users', href: '/app/operator/users', icon: UsersRound },
    { name: 'Orders', href: '/app/operator/orders', icon: Receipt },
    { name: 'Network data', href: '/app/operator/data', icon: Database },
    { name: 'Health', href: '/app/operator/health', icon: Activity },
    { name: 'Audit log', href: '/app/operator/audit', icon: ScrollText },
  ],
}

/** Where an account can go. */
export function placesFor(account: Account): readonly PlaceGroup[] {
  return account.is_operator ? [...GROUPS, OPERATOR_GROUP] : GROUPS
}

/** Whether a place, or a page below it, is where the viewer is. */
export function isAt(href: string, path: string): boolean {
  return path === href || (href !== '/app' && path.startsWith(`${href}/`))
}
