import { z } from 'zod'
import { body, instant, text } from './fields.ts'

export const TwoFactorState = z
  .object({ enabled: z.boolean(), enabled_at: instant.nullable(), recovery_codes_left: z.int() })
  .meta({ id: 'TwoFactorState' })
export type TwoFactorState = z.infer<typeof TwoFactorState>

export const TwoFactorEnrolment = z
  .object({
    secret: z.string(),
    uri: z.string(),
    qr_svg: z.string().meta({ description: 'A `data:` URI.' }),
    qr_png: z.string().meta({ description: 'A `data:` URI.' }),
  })
  .meta({ id: 'TwoFactorEnrolment' })
export type TwoFactorEnrolment = z.infer<typeof TwoFactorEnrolment>

export const RecoveryCodes = z.object({ recovery_codes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' })
export type RecoveryCodes = z.infer<typeof RecoveryCodes>

export const EnrolTwoFactor = body({ current_password: text })
export type EnrolTwoFactor = z.infer<typeof EnrolTwoFactor>

export const ConfirmTwoFactor = body({ current_password: text, code: text })
export type ConfirmTwoFactor = z.infer<typeof ConfirmTwoFactor>

/** The password again and, with a second factor, a code. */
export const IdentityProof = body({ current_password: text, code: text.nullish() })
export type IdentityProof = z.infer<typeof IdentityProof>
