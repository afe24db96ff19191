import { Hono } from 'hono'
import { parsePassword } from '#core/accounts/account.ts'
import { changePassword } from '#core/accounts/change-password.ts'
import { getProfile } from '#core/accounts/profile.ts'
import { getTwoFactorState } from '#core/accounts/two-factor.ts'
import { type Env, signedIn } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { body, text } from './fields.ts'
import { twoFactor } from './two-factor.ts'

const PasswordBody = body({ current_password: text, password: text, code: text.nullish() })

/** The account of whoever asks, and everything below it: for nobody who is not signed in. */
export function account(): Hono<Env> {
  return new Hono<Env>()
    .use(signedIn)
    .route('/two-factor', twoFactor())
    .get('/', async (c) => {
      const { user, plan } = await getProfile(c.var.ctx)
      const { onSince } = await getTwoFactorState(c.var.ctx)
      return c.json({
        id: user.id,
        email: user.email,
        name: user.name,
        is_operator: user.isOperator,
        plan,
        two_factor: onSince !== null,
        created_at: user.createdAt.toISOString(),
      })
    })
    .post('/password', async (c) => {
      const fields = await readJson(c.req, PasswordBody)
      await changePassword(c.var.ctx, parsePassword(fields.password), {
        password: fields.current_password,
        code: fields.code ?? undefined,
        clientKey: c.env.client.limitKey,
      })
      return c.body(null, 204)
    })
}
