import { z } from 'zod'
import { body, text } from './fields.ts'

export const SignUp = body({ email: text, password: text, name: text.nullish() }).meta({
  examples: [{ email: 'you@example.com', password: 'correct horse', name: 'Ada' }],
})
export type SignUp = z.infer<typeof SignUp>

export const SignIn = body({ email: text, password: text, code: text.nullish() }).meta({
  examples: [{ email: 'you@example.com', password: 'correct horse', code: '123456' }],
})
export type SignIn = z.infer<typeof SignIn>

export const Instance = z
  .object({
    name: z.literal('Onehop'),
    version: z.string(),
    base_url: z.string().meta({ description: 'Where short links live, without a slash at the end.' }),
    signup: z.enum(['open', 'closed']),
    has_accounts: z.boolean(),
    mail: z.boolean().meta({ description: 'Whether mails reach people.' }),
    network_ready: z.boolean().meta({ description: 'Whether networks can be looked up.' }),
    public_asn_lookups_per_day: z.int(),
  })
  .meta({ id: 'Instance' })
export type Instance = z.infer<typeof Instance>
