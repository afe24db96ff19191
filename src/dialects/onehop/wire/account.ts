import { z } from 'zod'
import { body, flag, instant, text } from './fields.ts'

/** What somebody is in a team. */
export const Role = z.enum(['owner', 'admin', 'member', 'viewer'])

export const Account = z
  .object({
    id: z.int(),
    email: z.string(),
    name: z.string(),
    is_operator: z.boolean(),
    plan: z.string().meta({ description: "The acting team's plan." }),
    two_factor: z.boolean(),
    team: z
      .object({ id: z.int(), name: z.string(), role: Role, is_personal: z.boolean() })
      .meta({ description: 'The team that the key belongs to, or that the session acts in.' }),
    created_at: instant,
  })
  .meta({ id: 'Account' })
export type Account = z.infer<typeof Account>

export const AccountChange = body({ name: text.optional() })
export type AccountChange = z.infer<typeof AccountChange>

export const PasswordChange = body({ current_password: text, password: text, code: text.nullish() })
export type PasswordChange = z.infer<typeof PasswordChange>

export const Notifications = z.object({ weekly_report: z.boolean() }).meta({ id: 'Notifications' })
export type Notifications = z.infer<typeof Notifications>

export const NotificationsChange = body({ weekly_report: flag.optional() })
export type NotificationsChange = z.infer<typeof NotificationsChange>
