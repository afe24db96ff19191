import { z } from 'zod'
import { body, instant, text } from './fields.ts'

export const Origin = z
  .object({ id: z.string(), domain: z.string(), created_at: instant })
  .meta({ id: 'Origin' })
export type Origin = z.infer<typeof Origin>

export const OriginNew = body({ domain: text }).meta({ examples: [{ domain: 'example.com' }] })
export type OriginNew = z.infer<typeof OriginNew>
