import { Secret, TOTP } from 'otpauth'
import type { Random } from '#core/random.ts'

/** 160 bits, as RFC 4226 §4 recommends. */
const SECRET_HEX_LENGTH = 40
/** Steps of 30 s to both sides whose code is taken too: clocks differ, and people type slowly (RFC 6238 §5.2). */
const WINDOW_STEPS = 1
/** What every authenticator app assumes: SHA-1, six digits, steps of 30 s. */
const PARAMETERS = { algorithm: 'SHA1', digits: 6, period: 30 } as const

/** A new secret of a second factor, base32 (RFC 6238). */
export function drawTotpSecret(random: Random): string {
  return Secret.fromHex(random.hex(SECRET_HEX_LENGTH)).base32
}

/** A secret as authenticator apps read it from a QR code, under the name of this installation and of the account. */
export function otpauthUri(secret: string, { issuer, account }: { issuer: string; account: string }): string {
  // The colon separates the two in the label, and neither may have one.
  const label = account.replaceAll(':', '')
  return new TOTP({ ...PARAMETERS, secret, label, issuer: issuer.replaceAll(':', '') }).toString()
}

/** The time step a six-digit code is of: this one, or one of its neighbours; undefined when it is of neither. */
export function matchingStep(secret: string, code: string, now: Date): number | undefined {
  const timestamp = now.getTime()
  const totp = new TOTP({ ...PARAMETERS, secret })
  const delta = totp.validate({ token: code, timestamp, window: WINDOW_STEPS })
  return delta === null ? undefined : totp.counter({ timestamp }) + delta
}
