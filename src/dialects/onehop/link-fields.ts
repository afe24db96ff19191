import { z } from 'zod'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { LinkContent, NewLink } from '#core/links/create-link.ts'
import {
  parseDescription,
  parseExpiry,
  parseSlug,
  parseTags,
  parseTargetUrl,
  parseTitle,
} from '#core/links/link.ts'
import { linkAddress } from '#core/links/link-address.ts'
import {
  type CountedLink,
  getLink,
  type LinkChanges,
  type LinkFilter,
  type LinkName,
} from '#core/links/manage-links.ts'
import { parsePayload } from '#core/links/payload.ts'
import { toCamelCase, toSnakeCase } from './snake-case.ts'
import { manyTexts, oneOf } from './wire/fields.ts'
import type { Link, LinkChange, LinkNew } from './wire/links.ts'

/** The parameters by which links are chosen. */
export const FILTER_PARAMETERS = {
  search: z
    .string()
    .max(200, { error: 'must have at most 200 characters' })
    .optional()
    .meta({ description: 'Part of the title, target or slug, in any case.' }),
  tag: manyTexts(20).meta({ description: 'Links that have one of these tags.' }),
  status: oneOf('active', 'inactive', 'archived').optional(),
  kind: oneOf('url', 'wifi', 'vcard', 'text').optional(),
}

/** The links that {@link FILTER_PARAMETERS} choose. */
export function parseFilter(query: z.output<z.ZodObject<typeof FILTER_PARAMETERS>>): LinkFilter {
  const { search, status, kind } = query
  const tags = query.tag.filter((tag) => tag !== '')
  return { text: search, tags: tags.length === 0 ? undefined : tags, status, kind }
}

/**
 * A link to be.
 *
 * @param source where it comes from
 */
export function parseNewLink(ctx: Ctx, fields: LinkNew, source: NewLink['source']): NewLink {
  const slug = fields.slug?.trim()
  return {
    ...contentOf(fields),
    slug: slug ? parseSlug(slug) : undefined,
    title: fields.title ? parseTitle(fields.title) : undefined,
    description: fields.description ? parseDescription(fields.description) : undefined,
    tags: fields.tags ? parseTags(fields.tags) : undefined,
    status: fields.status,
    expiresAt: fields.expires_at ? parseExpiry(fields.expires_at, ctx.now()) : undefined,
    wantsPageInfo: true,
    source,
  }
}

/** What is to change of a link; null and empty text take a value away. */
export async function parseLinkChanges(ctx: Ctx, name: LinkName, fields: LinkChange): Promise<LinkChanges> {
  const { title, description, tags, expires_at: expiresAt, payload } = fields
  return {
    target: fields.target === undefined ? undefined : parseTargetUrl(fields.target),
    wantsPageInfo: true,
    payload: payload == null ? undefined : await parseOwnPayload(ctx, name, payload),
    title: title === undefined ? undefined : parseTitle(title ?? '') || null,
    description: description === undefined ? undefined : parseDescription(description ?? '') || null,
    tags: tags === undefined ? undefined : parseTags(tags ?? []),
    status: fields.status,
    expiresAt: expiresAt === undefined ? undefined : expiresAt ? parseExpiry(expiresAt, ctx.now()) : null,
  }
}

/** A link as it is answered. */
export function linkToWire(ctx: Ctx, { link, clicks, hasQrCode }: CountedLink): Link {
  const { kind: _, ...payload } = link.payload ?? { kind: 'url' }
  return {
    id: link.publicId,
    slug: link.slug,
    short_url: linkAddress(ctx.settings.baseUrl, link),
    kind: link.kind,
    target: link.target,
    // An object stays one.
    payload: link.payload === null ? null : (toSnakeCase(payload) as Record<string, unknown>),
    title: link.title,
    description: link.description,
    tags: [...link.tags],
    status: link.status,
    expires_at: link.expiresAt?.toISOString() ?? null,
    clicks,
    has_qr_code: hasQrCode,
    page_title: link.pageTitle,
    favicon_url: link.faviconUrl,
    created_at: link.createdAt.toISOString(),
    updated_at: link.updatedAt.toISOString(),
  }
}

/** What a link is made of. What belongs to another kind must not be there: something else is meant then. */
function contentOf({ kind = 'url', target, payload }: LinkNew): LinkContent {
  if (kind === 'url') {
    if (payload != null) throw refused('payload', 'must be left out for the kind url')
    if (target == null) throw refused('target', 'is required')
    return { target: parseTargetUrl(target) }
  }
  if (target?.trim()) throw refused('target', `must be left out for the kind ${kind}`)
  return { payload: parsePayload(kind, toCamelCase(payload)) }
}

/** The kind of a payload is that of its link. */
async function parseOwnPayload(ctx: Ctx, name: LinkName, payload: Readonly<Record<string, unknown>>) {
  const { kind } = (await getLink(ctx, name)).link
  if (kind === 'url') throw refused('payload', 'must be left out for the kind url')
  return parsePayload(kind, toCamelCase(payload))
}

function refused(field: string, problem: string): DomainError {
  return new DomainError('invalid-input', { problems: [{ field, problem }] })
}
