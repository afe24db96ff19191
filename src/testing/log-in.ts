import { parseEmail } from '#core/accounts/account.ts'
import { authenticateKey } from '#core/accounts/api-keys.ts'
import { logIn } from '#core/accounts/log-in.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { TestAccount, TestApp } from './test-app.ts'

/** The context of an account's key. */
export async function ctxOf(app: TestApp, account: TestAccount): Promise<Ctx> {
  const { services } = app.app
  return { ...services, actor: await authenticateKey(services, account.key.secret) }
}

/**
 * Log in with a password and, perhaps, a code.
 *
 * @returns `done`, or the code of the refusal
 */
export async function logInWith(
  app: TestApp,
  { email, password }: Pick<TestAccount, 'email' | 'password'>,
  code: string | undefined,
): Promise<string> {
  const ctx: Ctx = { ...app.app.services, actor: { kind: 'anonymous', credential: 'missing' } }
  return outcomeOf(logIn(ctx, { email: parseEmail(email), password, clientKey: 'test', code }))
}

/** What becomes of an operation: `done`, or the code of the refusal. */
export async function outcomeOf(operation: Promise<unknown>): Promise<string> {
  try {
    await operation
    return 'done'
  } catch (error) {
    if (error instanceof DomainError) return error.code
    throw error
  }
}
