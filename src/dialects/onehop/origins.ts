import { Hono } from 'hono'
import { z } from 'zod'
import { parseRootDomain, type RequestOrigin } from '#core/accounts/request-origin.ts'
import { addOrigin, listOrigins, removeOrigin } from '#core/accounts/request-origins.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'

const OriginBody = z.object({ domain: z.string() })

/** Domains whose pages may ask the ipgeolocation API without a key. */
export function origins(): Hono<Env> {
  return new Hono<Env>()
    .get('/origins', async (c) => c.json({ origins: (await listOrigins(c.var.ctx)).map(toWire) }))
    .post('/origins', async (c) => {
      const { domain } = await readJson(c.req, OriginBody)
      return c.json(toWire(await addOrigin(c.var.ctx, parseRootDomain(domain))), 201)
    })
    .delete('/origins/:id', async (c) => {
      await removeOrigin(c.var.ctx, c.req.param('id'))
      return c.body(null, 204)
    })
}

function toWire({ id, domain, createdAt }: RequestOrigin) {
  return { id, domain, created_at: createdAt.toISOString() }
}
