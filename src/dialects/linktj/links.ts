import { Hono } from 'hono'
import { z } from 'zod'
import { getTeamUsage, remaining } from '#core/billing/limits.ts'
import { clickBreakdown, type Dimension } from '#core/clicks/reports.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { createLink, type LinkContent } from '#core/links/create-link.ts'
import { parseSlug, parseTargetUrl, parseTitle } from '#core/links/link.ts'
import { linkAddress } from '#core/links/link-address.ts'
import { linkSummary } from '#core/links/link-title.ts'
import {
  type CountedLink,
  deleteLink,
  getLink,
  parseLinkName,
  searchLinks,
} from '#core/links/manage-links.ts'
import { LINK_KINDS, parsePayload } from '#core/links/payload.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { queryInt } from '#http/read-query.ts'

/** Source: contract "POST /api/v1/links": "Fields". */
const CreateBody = z.object(
  {
    url: z.string('must be text').nullish(),
    slug: z.string('must be text').nullish(),
    title: z.string('must be text').nullish(),
    kind: z.enum(LINK_KINDS, `must be one of ${LINK_KINDS.join(', ')}`).nullish(),
    payload: z.record(z.string(), z.unknown(), 'must be an object').nullish(),
  },
  'the body must be a JSON object',
)

/** A text of 10,000 characters, each of them written as two escapes, and what stands around it. */
const MAX_BODY_BYTES = 128 * 1024

/** Rows of each list of the analytics: every country there is, and the most frequent sources. */
const MAX_ROWS = 250

/** @param baseUrl where short links live, without a slash at the end */
export function links(baseUrl: string): Hono<Env> {
  const named = ({ link }: CountedLink) => ({
    id: link.publicId,
    slug: link.slug,
    shortUrl: linkAddress(baseUrl, link),
    kind: link.kind,
    originalUrl: link.target,
    summary: linkSummary(link),
  })
  const toWire = (counted: CountedLink) => ({
    ...named(counted),
    title: counted.link.title,
    clicks: counted.clicks,
    isActive: counted.link.status !== 'inactive',
  })

  return new Hono<Env>()
    .post('/', async (c) => {
      const body = await readJson(c.req, CreateBody, MAX_BODY_BYTES)
      const { ctx } = c.var
      const link = await createLink(ctx, {
        ...contentOf(body),
        slug: body.slug?.trim() ? parseSlug(body.slug.trim()) : undefined,
        title: body.title?.trim() ? parseTitle(body.title) : undefined,
        source: 'api',
      })
      const usage = await getTeamUsage(ctx, 'links')
      return c.json(
        {
          data: { ...named({ link, clicks: 0, hasQrCode: false }), clicks: 0 },
          usage: { linksUsed: usage.used, linkLimit: usage.limit, linksRemaining: remaining(usage) },
        },
        201,
      )
    })
    .get('/', async (c) => {
      const limit = queryInt(c.req, 'limit', { min: 1, max: 100, default: 50 })
      const offset = queryInt(c.req, 'offset', { min: 0, max: 1_000_000_000, default: 0 })
      const found = await searchLinks(c.var.ctx, { offset, limit }, {})
      return c.json({ total: found.total, limit, offset, data: found.links.map(toWire) })
    })
    .get('/:id_or_slug', async (c) => {
      const { ctx } = c.var
      const counted = await getLink(ctx, await parseLinkName(ctx, c.req.param('id_or_slug')))
      const { slug } = counted.link
      const analytics = {
        byCountry: await breakdown(ctx, slug, 'country'),
        byDevice: await breakdown(ctx, slug, 'device'),
        byReferrer: await breakdown(ctx, slug, 'referrer'),
      }
      return c.json({ data: { ...toWire(counted), analytics } })
    })
    .delete('/:id_or_slug', async (c) => {
      const { ctx } = c.var
      const { publicId, slug } = await deleteLink(ctx, await parseLinkName(ctx, c.req.param('id_or_slug')))
      return c.json({ data: { id: publicId, slug, deleted: true } })
    })
}

/** What a link is made of. What belongs to another kind must not be there: something else is meant then. */
function contentOf({ kind, url, payload }: z.infer<typeof CreateBody>): LinkContent {
  if (kind == null || kind === 'url') {
    if (payload != null && Object.keys(payload).length > 0)
      throw refused('payload', 'must be left out for kind url')
    if (url == null) throw new DomainError('target-invalid', { problem: 'is required' })
    return { target: parseTargetUrl(url) }
  }
  if (url?.trim()) throw refused('url', `must be left out for kind ${kind}`)
  return { payload: parsePayload(kind, payload) }
}

function refused(field: string, problem: string): DomainError {
  return new DomainError('invalid-input', { problems: [{ field, problem }] })
}

/** All clicks the plan keeps, whoever made them, so that the counts of a list add up. */
async function breakdown(ctx: Ctx, slug: string, dimension: Dimension) {
  const rows = await clickBreakdown(ctx, slug, { bots: 'include', dimension, size: MAX_ROWS })
  return rows.map(({ value, clicks }) => ({ name: value === '' ? 'Unknown' : value, count: clicks }))
}
