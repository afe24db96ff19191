import { z } from 'zod'
import { body, instant, integer, text } from './fields.ts'

export const Session = z
  .object({
    id: z.string(),
    current: z.boolean().meta({ description: 'Whether it is the one that asks.' }),
    client: z.string().meta({ description: '`Firefox on Linux`; empty when the program did not say.' }),
    created_at: instant,
    last_used_at: instant.meta({ description: 'To about a minute.' }),
    expires_at: instant,
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof Session>

export const TeamChoice = body({ team: integer(1, Number.MAX_SAFE_INTEGER) })
export type TeamChoice = z.infer<typeof TeamChoice>

export const PasswordResetNew = body({ email: text })
export type PasswordResetNew = z.infer<typeof PasswordResetNew>

export const PasswordResetConfirmation = body({ token: text, password: text, code: text.nullish() })
export type PasswordResetConfirmation = z.infer<typeof PasswordResetConfirmation>
