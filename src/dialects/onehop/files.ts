import { Hono } from 'hono'
import { linkFile } from '#core/files/file-links.ts'
import { parseSlug } from '#core/links/link.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { body, text } from './fields.ts'

const LinkBody = body({ slug: text.nullish() })

/** What files can do beyond the API they are uploaded by. */
export function files(): Hono<Env> {
  return new Hono<Env>().post('/:id/link', async (c) => {
    const { ctx } = c.var
    const { slug } = await readJson(c.req, LinkBody)
    const link = await linkFile(ctx, c.req.param('id'), slug ? parseSlug(slug) : undefined)
    return c.json(
      {
        id: link.publicId,
        slug: link.slug,
        short_url: `${ctx.settings.baseUrl}/${link.slug}`,
        target: link.target,
        title: link.title,
        expires_at: link.expiresAt?.toISOString() ?? null,
      },
      201,
    )
  })
}
