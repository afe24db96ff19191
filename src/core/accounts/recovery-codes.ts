import type { Random } from '#core/random.ts'
import { type Secrets, sign } from '#core/secrets.ts'

const CODE_COUNT = 10
/** 64 bits: there are few attempts, and the hashes are of no use without the installation's key. */
const CODE_LENGTH = 16
const PLAIN_CODE = new RegExp(`^[0-9a-f]{${CODE_LENGTH}}$`, 'i')

/** New codes for whoever loses the device, as a person writes them down: `1a2b-3c4d-5e6f-7a8b`. */
export function drawRecoveryCodes(random: Random): readonly string[] {
  return Array.from({ length: CODE_COUNT }, () =>
    random.hex(CODE_LENGTH).replace(/.{4}(?=.)/g, (group) => `${group}-`),
  )
}

/** Whether a text, without spaces and hyphens, has the form of a recovery code. */
export function isRecoveryCode(text: string): boolean {
  return PLAIN_CODE.test(text)
}

/** What is stored of a user's recovery code, however it was written. */
export function hashRecoveryCode(secrets: Secrets, userId: number, code: string): string {
  return sign(secrets, 'recovery-code', `${userId} ${plainCode(code).toLowerCase()}`).toString('hex')
}

/** A code without the spaces and hyphens people group it with. */
export function plainCode(text: string): string {
  return text.replace(/[\s-]/g, '')
}
