import { Hono } from 'hono'
import { z } from 'zod'
import { DomainError } from '#core/errors.ts'
import { createLink } from '#core/links/create-link.ts'
import { parseSlug, parseTargetUrl } from '#core/links/link.ts'
import { linkDestination } from '#core/links/link-address.ts'
import {
  type CountedLink,
  deleteLink,
  getLink,
  type LinkName,
  listLinks,
  updateLink,
} from '#core/links/manage-links.ts'
import { type Env, signedIn } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { queryInt } from '#http/read-query.ts'
import { flatBody } from './body.ts'

/** Source: contract "Quick Start" 3. `short_code` is ours: claimed as given, drawn when absent. */
const CreateBody = flatBody({
  original_url: z.string(),
  short_code: z.string().nullish(),
  is_active: z.boolean().optional(),
  // Typed links are another API's.
  kind: z.literal('url', 'must be url').nullish(),
})

/** Source: contract "Update a link": "Update link URL or status", either or both. */
const UpdateBody = flatBody({
  original_url: z.string().optional(),
  is_active: z.boolean().optional(),
}).refine(
  (body) => body.original_url !== undefined || body.is_active !== undefined,
  'give original_url, is_active or both',
)

/**
 * @param baseUrl where short links live, without a slash at the end
 * @param shortHost the host and port of that, which lnk7 shows without a scheme
 */
export function links(baseUrl: string, shortHost: string): Hono<Env> {
  const toWire = ({ link, clicks }: Pick<CountedLink, 'link' | 'clicks'>) => ({
    id: link.id,
    short_code: link.slug,
    short_url: `${shortHost}/${link.slug}`,
    original_url: linkDestination(baseUrl, link),
    is_active: link.status !== 'inactive',
    click_count: clicks,
    created_at: link.createdAt.toISOString(),
    updated_at: link.updatedAt.toISOString(),
  })

  return new Hono<Env>()
    .use(signedIn)
    .get('/', async (c) => {
      const page = queryInt(c.req, 'page', { min: 1, max: 1_000_000, default: 1 })
      const perPage = queryInt(c.req, 'per_page', { min: 1, max: 100, default: 20 })
      const found = await listLinks(c.var.ctx, { offset: (page - 1) * perPage, limit: perPage })
      return c.json({ links: found.links.map(toWire), page, per_page: perPage, has_next: found.hasNext })
    })
    .post('/', async (c) => {
      const body = await readJson(c.req, CreateBody)
      const link = await createLink(c.var.ctx, {
        target: parseTargetUrl(body.original_url),
        slug: body.short_code ? parseSlug(body.short_code) : undefined,
        status: body.is_active === false ? 'inactive' : 'active',
        source: 'api',
      })
      return c.json(toWire({ link, clicks: 0 }), 201)
    })
    .get('/:link_id', async (c) =>
      c.json(toWire(await getLink(c.var.ctx, parseLinkId(c.req.param('link_id'))))),
    )
    .put('/:link_id', async (c) => {
      const name = parseLinkId(c.req.param('link_id'))
      const body = await readJson(c.req, UpdateBody)
      const updated = await updateLink(c.var.ctx, name, {
        target: body.original_url === undefined ? undefined : parseTargetUrl(body.original_url),
        status: body.is_active === undefined ? undefined : body.is_active ? 'active' : 'inactive',
      })
      return c.json(toWire(updated))
    })
    .delete('/:link_id', async (c) => {
      await deleteLink(c.var.ctx, parseLinkId(c.req.param('link_id')))
      return c.body(null, 204)
    })
}

/** @throws DomainError `link-not-found` for what cannot be the id of a link */
function parseLinkId(text: string): LinkName {
  if (!/^\d{1,15}$/.test(text)) throw new DomainError('link-not-found', { link: text })
  return { id: Number(text) }
}
