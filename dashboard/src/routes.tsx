import { type ComponentType, lazy } from 'react'

/** A page and its address. */
export interface PageRoute {
  /** With `:names` of what changes; a page reads them by `useParams`. */
  readonly path: string
  readonly page: ComponentType
  /** `shell` has the navigation around it and is for those who are signed in; `none` is the whole window's. */
  readonly frame: 'shell' | 'none'
}

/**
 * Every page, in the order addresses are tried. A page is loaded when it is first gone to; a new one is a line here and,
 * where it is to be found, one in `shell/navigation.ts`.
 */
export const ROUTES: readonly PageRoute[] = [
  bare('/', () => import('./pages/landing/landing-page.tsx').then((m) => m.LandingPage)),
  bare('/docs', () => import('./pages/docs/docs-page.tsx').then((m) => m.DocsPage)),
  bare('/app/sign-in', () => import('./pages/sign-in/sign-in-page.tsx').then((m) => m.SignInPage)),
  bare('/app/sign-up', () => import('./pages/sign-in/sign-up-page.tsx').then((m) => m.SignUpPage)),
  bare('/app/forgot', () => import('./pages/sign-in/forgot-page.tsx').then((m) => m.ForgotPage)),
  bare('/app/reset', () => import('./pages/sign-in/reset-page.tsx').then((m) => m.ResetPage)),
  // As mails have it, and as the API calls it.
  bare('/app/invitation', () => import('./pages/team/invitation-page.tsx').then((m) => m.InvitationPage)),
  bare('/app/invitations', () => import('./pages/team/invitation-page.tsx').then((m) => m.InvitationPage)),
  inShell('/app', () => import('./pages/overview/overview-page.tsx').then((m) => m.OverviewPage)),
  inShell('/app/links', () => import('./pages/links/links-page.tsx').then((m) => m.LinksPage)),
  inShell('/app/files', () => import('./pages/files/files-page.tsx').then((m) => m.FilesPage)),
  inShell('/app/keys', () => import('./pages/keys/keys-page.tsx').then((m) => m.KeysPage)),
  inShell('/app/webhooks', () => import('./pages/webhooks/webhooks-page.tsx').then((m) => m.WebhooksPage)),
  inShell('/app/webhooks/:id', () => import('./pages/webhooks/webhook-page.tsx').then((m) => m.WebhookPage)),
  inShell('/app/team', () => import('./pages/team/team-page.tsx').then((m) => m.TeamPage)),
  inShell('/app/plan', () => import('./pages/plan/plan-page.tsx').then((m) => m.PlanPage)),
  inShell('/app/credits', () => import('./pages/plan/credits-page.tsx').then((m) => m.CreditsPage)),
  inShell('/app/settings', () => import('./pages/settings/settings-page.tsx').then((m) => m.SettingsPage)),
  inShell('/app/operator/users', () => import('./pages/operator/users-page.tsx').then((m) => m.UsersPage)),
  inShell('/app/operator/teams/:id', () =>
    import('./pages/operator/team-overview-page.tsx').then((m) => m.TeamOverviewPage),
  ),
  inShell('/app/operator/orders', () => import('./pages/operator/orders-page.tsx').then((m) => m.OrdersPage)),
  inShell('/app/operator/data', () => import('./pages/operator/data-page.tsx').then((m) => m.DataPage)),
  inShell('/app/operator/health', () => import('./pages/operator/health-page.tsx').then((m) => m.HealthPage)),
  inShell('/app/operator/audit', () => import('./pages/operator/audit-page.tsx').then((m) => m.AuditPage)),
  inShell('/app/lookup', () => import('./pages/lookup/lookup-page.tsx').then((m) => m.LookupPage)),
  inShell('/app/links/:id', () => import('./pages/link/link-page.tsx').then((m) => m.LinkPage)),
]

function bare(path: string, load: () => Promise<ComponentType>): PageRoute {
  return { path, page: later(load), frame: 'none' }
}

function inShell(path: string, load: () => Promise<ComponentType>): PageRoute {
  return { path, page: later(load), frame: 'shell' }
}

function later(load: () => Promise<ComponentType>): ComponentType {
  return lazy(async () => ({ default: await load() }))
}
