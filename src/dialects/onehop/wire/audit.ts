import { z } from 'zod'
import { instant } from './fields.ts'

export const AuditEvent = z
  .object({
    id: z.int(),
    at: instant,
    actor: z
      .object({
        id: z.int(),
        email: z.string(),
        key: z.string().nullable().meta({ description: 'The name of the API key it was done with.' }),
      })
      .nullable()
      .meta({ description: 'Null: the command line, or the server itself.' }),
    team: z
      .object({ id: z.int(), name: z.string().nullable() })
      .nullable()
      .meta({ description: 'The name is null when the team is gone.' }),
    action: z.string().meta({ description: '`link.updated`' }),
    subject: z.string().meta({ description: 'What it was done to: `link abc1234`.' }),
    changes: z
      .record(z.string(), z.object({ from: z.unknown(), to: z.unknown() }))
      .meta({ description: 'Field to what it was and what it became; null is nothing.' }),
    ip: z.string().nullable(),
  })
  .meta({ id: 'AuditEvent' })
export type AuditEvent = z.infer<typeof AuditEvent>
