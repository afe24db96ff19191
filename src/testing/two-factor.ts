import { TOTP } from 'otpauth'
import { confirmTwoFactor, enrolTwoFactor } from '#core/accounts/two-factor.ts'
import { ctxOf } from './log-in.ts'
import type { TestAccount, TestApp } from './test-app.ts'

/** A second factor of an account, as its owner has it. */
export interface TestTwoFactor {
  readonly secret: string
  readonly recoveryCodes: readonly string[]
  /** What the authenticator app shows, at a moment. */
  readonly codeAt: (at: Date) => string
}

/** What an authenticator app with this secret shows at a moment. */
export function totpCode(secret: string, at: Date): string {
  return new TOTP({ secret }).generate({ timestamp: at.getTime() })
}

/** A moment so many steps of the authenticator app later. */
export function stepsAfter(at: Date, steps: number): Date {
  return new Date(at.getTime() + steps * 30_000)
}

/** Turn the second factor of an account on, with the code of the step before this one: that of now is unused. */
export async function givenTwoFactor(app: TestApp, account: TestAccount): Promise<TestTwoFactor> {
  const ctx = await ctxOf(app, account)
  const proof = { password: account.password, clientKey: 'test' }
  const { secret } = await enrolTwoFactor(ctx, proof)
  const code = totpCode(secret, stepsAfter(ctx.now(), -1))
  const recoveryCodes = await confirmTwoFactor(ctx, { ...proof, code })
  return { secret, recoveryCodes, codeAt: (at) => totpCode(secret, at) }
}
