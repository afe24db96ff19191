import { hasAccounts } from '#core/accounts/profile.ts'
import { PUBLIC_LOOKUPS_PER_DAY } from '#core/billing/lookup-limits.ts'
import type { InstanceMonitor } from '#core/operator/instance-monitor.ts'
import { isNetworkReady } from '#core/network/look-up.ts'
import { endpoint } from './endpoint.ts'
import { Instance as InstanceWire } from './wire/session.ts'

/** What the server is beyond what core knows of it. */
export interface Instance {
  readonly version: string
  /** Whether mails are sent. */
  readonly hasMail: boolean
  /** What operators are told of the running server. */
  readonly monitor: InstanceMonitor
}

/** What an installation says of itself to everybody. */
export function instanceEndpoints({ version, hasMail }: Instance) {
  return [
    endpoint({
      method: 'GET',
      path: '/instance',
      summary: 'What this installation is',
      tag: 'Sessions',
      access: 'public',
      answer: InstanceWire,
      example: {
        name: 'Onehop',
        version: '1.0.0',
        base_url: 'https://s.example',
        signup: 'open',
        has_accounts: true,
        mail: true,
        network_ready: true,
        public_asn_lookups_per_day: 5,
      },
      handle: async ({ ctx }) => ({
        name: 'Onehop' as const,
        version,
        base_url: ctx.settings.baseUrl,
        signup: ctx.settings.signup,
        has_accounts: await hasAccounts(ctx),
        mail: hasMail,
        network_ready: isNetworkReady(ctx),
        public_asn_lookups_per_day: PUBLIC_LOOKUPS_PER_DAY,
      }),
    }),
  ]
}
