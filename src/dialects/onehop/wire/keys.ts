import { z } from 'zod'
import { body, instant, oneOf, text, textList } from './fields.ts'
import { UserBrief } from './teams.ts'

const DIALECTS = ['lnk7', 'lynklens', 'linktj', 'lynk', 'ipgeolocation', 'onehop'] as const

const key = {
  id: z.string(),
  name: z.string(),
  dialect: z.enum(DIALECTS).meta({ description: 'The API whose form the secret has; it opens all of them.' }),
  hint: z.string().meta({ description: 'How the secret begins and ends.' }),
  abilities: z.array(z.string()),
  created_at: instant,
  expires_at: instant.nullable(),
  last_used_at: instant.nullable().meta({ description: 'To about a minute.' }),
  created_by: UserBrief,
}

export const Key = z.object(key).meta({ id: 'Key' })
export type Key = z.infer<typeof Key>

export const KeyWithSecret = z
  .object({ ...key, secret: z.string().meta({ description: 'Shown this once.' }) })
  .meta({ id: 'KeyWithSecret' })
export type KeyWithSecret = z.infer<typeof KeyWithSecret>

export const KeyNew = body({
  name: text,
  dialect: oneOf(...DIALECTS),
  abilities: textList.nullish().meta({ description: 'Absent: all that whoever makes it may do.' }),
  expires_at: text.nullish().meta({ description: 'ISO 8601; absent: it does not expire.' }),
})
export type KeyNew = z.infer<typeof KeyNew>

export const AbilityWord = z.object({ name: z.string(), description: z.string() }).meta({ id: 'Ability' })
export type AbilityWord = z.infer<typeof AbilityWord>
