import { Hono } from 'hono'
import { z } from 'zod'
import { type ApiKey, parseEmail, parsePassword, type User } from '#core/accounts/account.ts'
import { issueLoginKey, listKeys, revokeKey } from '#core/accounts/api-keys.ts'
import { signUp } from '#core/accounts/create-account.ts'
import { logIn, takeSignUp } from '#core/accounts/log-in.ts'
import { type Env, signedIn } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { flatBody } from './body.ts'

/** Source: contract "Quick Start" 1 and 2. */
const CredentialsBody = flatBody({ email: z.string(), password: z.string() })
/** `code` is ours: a code of the second factor, from those who have one. */
const LoginBody = flatBody({ email: z.string(), password: z.string(), code: z.string().nullish() })

export function auth(): Hono<Env> {
  return new Hono<Env>()
    .post('/register', async (c) => {
      const body = await readJson(c.req, CredentialsBody)
      const account = { email: parseEmail(body.email), password: parsePassword(body.password) }
      await takeSignUp(c.var.ctx, c.env.client.limitKey)
      return c.json(userToWire(await signUp(c.var.ctx, account)), 201)
    })
    .post('/login', async (c) => {
      const body = await readJson(c.req, LoginBody)
      const user = await logIn(c.var.ctx, {
        email: parseEmail(body.email),
        password: body.password,
        code: body.code ?? undefined,
        clientKey: c.env.client.limitKey,
      })
      const { key, secret } = await issueLoginKey(c.var.ctx, user, 'lnk7')
      return c.json({ token: secret, ...tokenToWire(key) })
    })
    .get('/tokens', signedIn, async (c) => {
      const keys = await listKeys(c.var.ctx)
      return c.json({ tokens: keys.map(tokenToWire) })
    })
    .delete('/tokens/:token_id', signedIn, async (c) => {
      await revokeKey(c.var.ctx, { publicId: c.req.param('token_id') })
      return c.body(null, 204)
    })
}

function userToWire(user: User) {
  return { id: user.id, email: user.email, created_at: user.createdAt.toISOString() }
}

/** A token as it is listed; `hint` tells tokens apart without giving them away. */
function tokenToWire(key: ApiKey) {
  return {
    token_id: key.publicId,
    name: key.name,
    hint: key.hint,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    expires_at: key.expiresAt?.toISOString() ?? null,
  }
}
