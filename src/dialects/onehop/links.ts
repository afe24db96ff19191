import { hash } from 'node:crypto'
import { createLink } from '#core/links/create-link.ts'
import { checkSlug, listTags } from '#core/links/link-names.ts'
import { type IsKnownVersion, linkVersion } from '#core/links/link-version.ts'
import { type CountedLink, deleteLink, getLink, parseLinkName, updateLink } from '#core/links/manage-links.ts'
import {
  countMatchingLinks,
  LINK_SORTS,
  type LinkPlace,
  type LinkSort,
  pageLinks,
} from '#core/links/page-links.ts'
import { listsTag } from '#http/entity-tags.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { endpoint } from './endpoint.ts'
import { FILTER_PARAMETERS, linkToWire, parseFilter, parseLinkChanges, parseNewLink } from './link-fields.ts'
import { cursorParameter, limitParameter, oneOf } from './wire/fields.ts'
import { Link, LinkChange, LinkList, LinkNew, SlugState, Tags } from './wire/links.ts'

/** A text of 10,000 characters, each of them written as two escapes, and what stands around it. */
const BODY_LIMIT_BYTES = 128 * 1024

const NAME = { link: 'The id of a link, or its slug.' }
const IF_MATCH = {
  'If-Match':
    'The `ETag` of the link as it is known: 412 when something of it was changed since. Clicks do not count as a change.',
}
const EXAMPLE: Link = {
  id: 'u4Yf2mDqkW8aRz0LxB7nTc1e',
  slug: 'guide',
  short_url: 'https://s.example/guide',
  kind: 'url',
  target: 'https://example.com/docs',
  payload: null,
  title: 'Documentation',
  description: null,
  tags: ['handbook'],
  status: 'active',
  expires_at: null,
  clicks: 128,
  has_qr_code: false,
  page_title: 'Example documentation',
  favicon_url: 'https://example.com/favicon.ico',
  created_at: '2026-01-02T03:04:05.000Z',
  updated_at: '2026-01-02T03:04:05.000Z',
}

/** The team's links. */
export const linkEndpoints = [
  endpoint({
    method: 'GET',
    path: '/links',
    summary: 'Links of the team',
    description: 'Sorting by clicks takes at most 50,000 links.',
    tag: 'Links',
    access: 'links:read',
    query: {
      ...FILTER_PARAMETERS,
      sort: oneOf(...LINK_SORTS, ...LINK_SORTS.map((sort) => `-${sort}` as const))
        .default('-created_at')
        .meta({ description: 'A minus sorts from the highest to the lowest.' }),
      limit: limitParameter(100),
      cursor: cursorParameter,
    },
    answer: LinkList,
    handle: async ({ ctx, query }) => {
      const filter = parseFilter(query)
      const { links, next } = await pageLinks(ctx, {
        filter,
        order: parseSort(query.sort),
        limit: query.limit,
        after: query.cursor === undefined ? undefined : parsePlace(query.cursor, query.sort),
      })
      return {
        data: links.map((link) => linkToWire(ctx, link)),
        next_cursor: next === undefined ? null : encodeCursor([query.sort, next.value, next.id]),
        total: await countMatchingLinks(ctx, filter),
      }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/links',
    summary: 'Create a link',
    description:
      'A link leads to a `target`; one of another `kind` has a page that shows its `payload` instead. Without a `slug` one is drawn.',
    tag: 'Links',
    access: 'links:write',
    body: LinkNew,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    creates: 'the link',
    status: 201,
    answer: Link,
    example: EXAMPLE,
    problems: ['slug-taken', 'limit-reached', 'plan-required'],
    handle: async ({ ctx, body, session, setHeader }) => {
      const source = session === undefined ? 'api' : 'web'
      const link = await createLink(ctx, parseNewLink(ctx, body, source))
      const created = { link, clicks: 0, hasQrCode: false }
      setHeader('etag', etagOf(created))
      return linkToWire(ctx, created)
    },
  }),
  endpoint({
    method: 'GET',
    path: '/links/{link}',
    summary: 'One link',
    tag: 'Links',
    access: 'links:read',
    parameters: NAME,
    headers: { 'If-None-Match': 'The `ETag` of the link as it is known: 304 when nothing of it is new.' },
    answer: Link,
    example: EXAMPLE,
    otherAnswers: { 304: { description: 'Nothing of it is new.' } },
    problems: ['link-not-found'],
    handle: async ({ ctx, params, request, setHeader }) => {
      const counted = await getLink(ctx, await parseLinkName(ctx, params.link))
      const etag = etagOf(counted)
      setHeader('etag', etag)
      const known = request.headers.get('if-none-match')
      return known !== null && listsTag(known, etag, true)
        ? new Response(null, { status: 304 })
        : linkToWire(ctx, counted)
    },
  }),
  endpoint({
    method: 'PATCH',
    path: '/links/{link}',
    summary: 'Change a link',
    description: 'What is absent stays as it is; null takes a value away.',
    tag: 'Links',
    access: 'links:write',
    parameters: NAME,
    headers: IF_MATCH,
    body: LinkChange,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    answer: Link,
    problems: ['link-not-found', 'link-kind-fixed', 'precondition-failed'],
    handle: async ({ ctx, params, body, request, setHeader }) => {
      const name = await parseLinkName(ctx, params.link)
      const changes = await parseLinkChanges(ctx, name, body)
      const changed = await updateLink(ctx, name, changes, knownVersions(request))
      setHeader('etag', etagOf(changed))
      return linkToWire(ctx, changed)
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/links/{link}',
    summary: 'Delete a link for good, with its clicks',
    tag: 'Links',
    access: 'links:write',
    parameters: NAME,
    headers: IF_MATCH,
    status: 204,
    problems: ['link-not-found', 'precondition-failed'],
    handle: async ({ ctx, params, request }) => {
      await deleteLink(ctx, await parseLinkName(ctx, params.link), knownVersions(request))
    },
  }),
  endpoint({
    method: 'GET',
    path: '/tags',
    summary: 'Tags of the team, with how many links have each',
    tag: 'Links',
    access: 'links:read',
    answer: Tags,
    handle: async ({ ctx }) => ({ data: await listTags(ctx) }),
  }),
  endpoint({
    method: 'GET',
    path: '/slugs/{slug}',
    summary: 'Whether a link could have this slug',
    tag: 'Links',
    access: 'links:write',
    answer: SlugState,
    handle: async ({ ctx, params }) => {
      const state = await checkSlug(ctx, params.slug)
      return state === 'available' ? { available: true } : { available: false, reason: state }
    },
  }),
]

/** A sort parameter as an order. */
export function parseSort(sort: string) {
  const isDescending = sort.startsWith('-')
  // Only what begins with one of them, or a minus and one of them, is let through.
  return { by: (isDescending ? sort.slice(1) : sort) as LinkSort, isDescending }
}

function parsePlace(cursor: string, sort: string): LinkPlace {
  const valueType = parseSort(sort).by === 'slug' ? 'string' : 'number'
  const isPlace = (place: readonly unknown[]): place is readonly [string, string | number, number] =>
    place.length === 3 && place[0] === sort && typeof place[1] === valueType && Number.isSafeInteger(place[2])
  const [, value, id] = decodeCursor(cursor, isPlace)
  return { value, id }
}

/** The state of a link, and of what is counted of it. */
function etagOf({ link, clicks, hasQrCode }: CountedLink): string {
  const page = hash('sha256', JSON.stringify([link.pageTitle, link.faviconUrl]), 'base64url').slice(0, 8)
  return `"${linkVersion(link)}.${clicks.toString(36)}${hasQrCode ? 'q' : ''}.${page}"`
}

/** Of an `If-Match`, the part of each tag that names a state; undefined without one. */
function knownVersions(request: Request): IsKnownVersion | undefined {
  const list = request.headers.get('if-match')
  if (list === null) return undefined
  const states = list.replaceAll(/\.[^".]*\.[^".]*"/g, '"')
  return (version) => listsTag(states, `"${version}"`, false)
}
