import { Hono } from 'hono'
import { actInTeam, actInTeamOfLink } from '#core/accounts/act-in-team.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { createLink } from '#core/links/create-link.ts'
import {
  parseDescription,
  parseExpiry,
  parseSlug,
  parseTags,
  parseTargetUrl,
  parseTitle,
} from '#core/links/link.ts'
import { linkDestination } from '#core/links/link-address.ts'
import { linkTitle } from '#core/links/link-title.ts'
import { type CountedLink, deleteLink, getLink, searchLinks, updateLink } from '#core/links/manage-links.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { queryInt, queryText } from '#http/read-query.ts'
import { page, success, timestamp } from './envelope.ts'
import { body, oneOf, requiredText, text, textList, wholeNumber } from './fields.ts'

/** Source: contract "POST /v1/shorten". */
const ShortenBody = body({ long_url: requiredText })

/** Source: contract "POST /v1/links"; `slug` is accepted too. */
const CreateBody = body({
  long_url: requiredText,
  // Typed links are another API's.
  kind: oneOf('url').nullish(),
  slug: text.nullish(),
  title: text.nullish(),
  description: text.nullish(),
  tags: textList.nullish(),
  expires_at: text.nullish(),
  team_id: wholeNumber.nullish(),
})

const STATUSES = ['active', 'inactive', 'archived'] as const

/** Source: contract "Update a link's properties. All fields are optional." */
const UpdateBody = body({
  long_url: requiredText.optional(),
  title: text.nullish(),
  description: text.nullish(),
  tags: textList.nullish(),
  expires_at: text.nullish(),
  status: oneOf(...STATUSES).optional(),
})

/** Source: contract "/v1/expand". */
const ExpandBody = body({ slug: requiredText })

/** @param baseUrl what short links begin with, without a slash at the end */
export function links(baseUrl: string): Hono<Env> {
  const toWire = ({ link, hasQrCode }: CountedLink) => ({
    id: link.id,
    slug: link.slug,
    link: `${baseUrl}/${link.slug}`,
    long_url: linkDestination(baseUrl, link),
    title: linkTitle(link),
    description: link.description,
    tags: link.tags,
    favicon_url: link.faviconUrl,
    status: link.status,
    source: link.source,
    has_qr_attached: hasQrCode,
    team_id: link.teamId,
    expires_at: link.expiresAt && timestamp(link.expiresAt),
    created_at: timestamp(link.createdAt),
    updated_at: timestamp(link.updatedAt),
  })
  const withClicks = (counted: CountedLink) => ({ ...toWire(counted), total_clicks: counted.clicks })

  return new Hono<Env>()
    .post('/shorten', async (c) => {
      const { long_url } = await readJson(c.req, ShortenBody)
      const link = await createLink(c.var.ctx, {
        target: parseTargetUrl(long_url),
        wantsPageInfo: true,
        source: 'api',
      })
      return c.json(success(toWire({ link, clicks: 0, hasQrCode: false }), 'Link created successfully.'), 201)
    })
    .post('/links', async (c) => {
      const fields = await readJson(c.req, CreateBody)
      const ctx = fields.team_id == null ? c.var.ctx : await actInTeam(c.var.ctx, fields.team_id)
      const link = await createLink(ctx, {
        target: parseTargetUrl(fields.long_url),
        slug: fields.slug ? parseSlug(fields.slug) : undefined,
        title: fields.title ? parseTitle(fields.title) : undefined,
        description: fields.description ? parseDescription(fields.description) : undefined,
        tags: fields.tags ? parseTags(fields.tags) : undefined,
        expiresAt: fields.expires_at ? parseExpiry(fields.expires_at, ctx.now()) : undefined,
        wantsPageInfo: true,
        source: 'api',
      })
      return c.json(success(toWire({ link, clicks: 0, hasQrCode: false }), 'Link created successfully.'), 201)
    })
    .get('/links', async (c) => {
      const position = {
        page: queryInt(c.req, 'page', { min: 1, max: 1_000_000, default: 1 }),
        perPage: queryInt(c.req, 'per_page', { min: 1, max: 100, default: 25 }),
      }
      const found = await searchLinks(
        await inTeam(c.var.ctx, queryText(c.req, 'team_id')),
        { offset: (position.page - 1) * position.perPage, limit: position.perPage },
        {
          status: choice(queryText(c.req, 'status'), 'status', STATUSES),
          source: choice(queryText(c.req, 'source'), 'source', ['web', 'api']),
          text: queryText(c.req, 'query'),
          tags: queryText(c.req, 'tags')
            ?.split(',')
            .map((tag) => tag.trim())
            .filter((tag) => tag !== ''),
        },
      )
      return c.json(page(found.links.map(toWire), { ...position, total: found.total }))
    })
    .get('/links/:slug', async (c) => {
      const slug = c.req.param('slug')
      return c.json(success(withClicks(await getLink(await actInTeamOfLink(c.var.ctx, slug), { slug }))))
    })
    .on(['PUT', 'PATCH'], '/links/:slug', async (c) => {
      const slug = c.req.param('slug')
      const fields = await readJson(c.req, UpdateBody)
      const ctx = await actInTeamOfLink(c.var.ctx, slug)
      const updated = await updateLink(
        ctx,
        { slug },
        {
          target: fields.long_url === undefined ? undefined : parseTargetUrl(fields.long_url),
          wantsPageInfo: true,
          title: clearable(fields.title, parseTitle),
          description: clearable(fields.description, parseDescription),
          tags: fields.tags === undefined ? undefined : parseTags(fields.tags ?? []),
          expiresAt: clearable(fields.expires_at, (when) => parseExpiry(when, ctx.now())),
          status: fields.status,
        },
      )
      return c.json(success(withClicks(updated), 'Link updated successfully.'))
    })
    .delete('/links/:slug', async (c) => {
      const slug = c.req.param('slug')
      await deleteLink(await actInTeamOfLink(c.var.ctx, slug), { slug })
      return c.json(success([], 'Link deleted successfully.'))
    })
    .post('/expand', async (c) => {
      const { slug } = await readJson(c.req, ExpandBody)
      const { link } = await getLink(await actInTeamOfLink(c.var.ctx, slug), { slug })
      const { slug: shown, link: url, long_url, created_at } = toWire({ link, clicks: 0, hasQrCode: false })
      return c.json(success({ slug: shown, link: url, long_url, created_at }))
    })
}

/** A field of an update: absent leaves it, null or blank clears it. */
function clearable<T>(value: string | null | undefined, parse: (text: string) => T): T | null | undefined {
  if (value === undefined) return undefined
  return value === null || value.trim() === '' ? null : parse(value)
}

async function inTeam(ctx: Ctx, teamId: string | undefined): Promise<Ctx> {
  if (teamId === undefined) return ctx
  if (!/^\d{1,15}$/.test(teamId))
    throw new DomainError('invalid-parameter', { parameter: 'team_id', problem: 'must be an integer' })
  return actInTeam(ctx, Number(teamId))
}

function choice<T extends string>(
  value: string | undefined,
  parameter: string,
  choices: readonly T[],
): T | undefined {
  if (value === undefined) return undefined
  const chosen = choices.find((known) => known === value)
  if (chosen === undefined)
    throw new DomainError('invalid-parameter', { parameter, problem: `must be one of ${choices.join(', ')}` })
  return chosen
}
