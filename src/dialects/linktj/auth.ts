import { Hono } from 'hono'
import { z } from 'zod'
import { parseEmail, type User } from '#core/accounts/account.ts'
import { logIn } from '#core/accounts/log-in.ts'
import { issueLoginToken } from '#core/accounts/login-token.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'

const requiredText = z.string('is required and must be text').refine((text) => text !== '', 'is required')

/** Source: contract "POST/api/auth/token". */
const TokenBody = z.object(
  { email: requiredText, password: requiredText, code: z.string('must be text').nullish() },
  'the body must be a JSON object',
)

/** Logging in for apps. */
export function auth(): Hono<Env> {
  return new Hono<Env>().post('/token', async (c) => {
    const body = await readJson(c.req, TokenBody)
    const user = await logIn(c.var.ctx, {
      email: parseEmail(body.email),
      password: body.password,
      code: body.code ?? undefined,
      clientKey: c.env.client.limitKey,
    })
    return c.json({ token: await issueLoginToken(c.var.ctx, user), user: userToWire(user) })
  })
}

function userToWire({ id, email, name, isOperator }: User) {
  return { id: String(id), email, name, role: isOperator ? 'SUPERADMIN' : 'USER' }
}
