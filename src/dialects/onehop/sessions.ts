import { parseEmail, parsePassword, type User } from '#core/accounts/account.ts'
import { signUp } from '#core/accounts/create-account.ts'
import { logIn, takeSignUp } from '#core/accounts/log-in.ts'
import { getProfile, parseName } from '#core/accounts/profile.ts'
import { authenticateSession, endSession, startSession } from '#core/accounts/sessions.ts'
import type { Ctx } from '#core/context.ts'
import { requireNotCrossSite } from '#http/same-site.ts'
import { sessionCookie } from '#http/session-cookie.ts'
import { accountToWire } from './account.ts'
import { type Call, endpoint } from './endpoint.ts'
import { Account } from './wire/account.ts'
import { SignIn, SignUp } from './wire/session.ts'

/** Signing up, in and out with a browser's cookie. */
export const sessionEndpoints = [
  endpoint({
    method: 'POST',
    path: '/sign-up',
    summary: 'Make an account and sign in',
    description: 'Sets the cookie of a session. The first account of an installation becomes its operator.',
    tag: 'Sessions',
    access: 'public',
    body: SignUp,
    status: 201,
    answer: Account,
    problems: ['signup-closed', 'email-taken', 'rate-limited'],
    handle: async ({ ctx, body, client, request, setHeader }) => {
      requireNotCrossSite(request)
      const name = body.name?.trim()
      const account = {
        email: parseEmail(body.email),
        password: parsePassword(body.password),
        name: name ? parseName(name) : undefined,
      }
      await takeSignUp(ctx, client.limitKey)
      return signedIn(ctx, await signUp(ctx, account), { request, setHeader })
    },
  }),
  endpoint({
    method: 'POST',
    path: '/session',
    summary: 'Sign in',
    description: 'Sets the cookie of a session, which lasts 30 days.',
    tag: 'Sessions',
    access: 'public',
    body: SignIn,
    status: 201,
    answer: Account,
    problems: [
      'wrong-credentials',
      'two-factor-needed',
      'two-factor-wrong',
      'account-blocked',
      'rate-limited',
    ],
    handle: async ({ ctx, body, client, request, setHeader }) => {
      requireNotCrossSite(request)
      const user = await logIn(ctx, {
        email: parseEmail(body.email),
        password: body.password,
        code: body.code ?? undefined,
        clientKey: client.limitKey,
      })
      return signedIn(ctx, user, { request, setHeader })
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/session',
    summary: 'Sign out',
    description: 'Ends the session of the cookie, if there is one, and clears the cookie.',
    tag: 'Sessions',
    access: 'public',
    status: 204,
    handle: async ({ ctx, session, setHeader }) => {
      if (session !== undefined) await endSession(ctx, session)
      setHeader('set-cookie', sessionCookie(ctx.settings.baseUrl).clear())
    },
  }),
]

/** Start a session, and answer as it would be answered from now on. */
async function signedIn(
  ctx: Ctx,
  user: User,
  { request, setHeader }: Pick<Call<string, Record<never, never>, unknown>, 'request' | 'setHeader'>,
): Promise<Account> {
  const userAgent = request.headers.get('user-agent') ?? ''
  const { token, expiresAt } = await startSession(ctx, user, userAgent)
  setHeader('set-cookie', sessionCookie(ctx.settings.baseUrl).set(token, expiresAt))
  const own = { ...ctx, actor: await authenticateSession(ctx, token) }
  return accountToWire(own, await getProfile(own))
}
