import { z } from 'zod'
import { body, instant, listOf, oneOf, text, textList } from './fields.ts'

export const LinkKind = z.enum(['url', 'wifi', 'vcard', 'text'])
export type LinkKind = z.infer<typeof LinkKind>

export const LinkStatus = z.enum(['active', 'inactive', 'archived'])
export type LinkStatus = z.infer<typeof LinkStatus>

const payload = z
  .record(z.string(), z.unknown())
  .meta({ description: 'What the page of a typed link shows, in the form it is created from.' })

export const Link = z
  .object({
    id: z.string(),
    slug: z.string(),
    short_url: z.string(),
    kind: LinkKind,
    target: z.string().nullable().meta({ description: 'Where it leads; null for a typed link.' }),
    payload: payload.nullable(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    status: LinkStatus.meta({ description: 'Inactive links do not redirect; archived ones do.' }),
    expires_at: instant.nullable(),
    clicks: z.int().meta({ description: 'All there ever were, bots and scans included.' }),
    has_qr_code: z.boolean(),
    page_title: z.string().nullable().meta({ description: "The title of the target's page." }),
    favicon_url: z.string().nullable(),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Link' })
export type Link = z.infer<typeof Link>

export const LinkList = listOf(Link)
  .extend({ total: z.int().meta({ description: 'How many links there are in all.' }) })
  .meta({ id: 'LinkList' })
export type LinkList = z.infer<typeof LinkList>

const described = {
  title: text.nullish(),
  description: text.nullish(),
  tags: textList.nullish(),
  status: oneOf('active', 'inactive', 'archived').optional(),
  expires_at: text.nullish().meta({ description: 'ISO 8601, in the future.' }),
}

const payloadField = z.record(z.string(), z.unknown(), { error: 'must be an object' }).nullish()

export const LinkNew = body({
  target: text.nullish(),
  kind: oneOf('url', 'wifi', 'vcard', 'text').optional(),
  payload: payloadField,
  slug: text.nullish(),
  ...described,
}).meta({
  examples: [
    { target: 'https://example.com/docs', slug: 'guide', title: 'Documentation', tags: ['handbook'] },
    { kind: 'wifi', payload: { ssid: 'Guests', encryption: 'WPA', password: 'welcome to us' } },
  ],
})
export type LinkNew = z.infer<typeof LinkNew>

export const LinkChange = body({
  target: text.optional(),
  payload: payloadField,
  slug: z.never({ error: 'cannot be changed' }).optional(),
  ...described,
}).meta({ examples: [{ target: 'https://example.com/new', tags: [] }, { status: 'inactive' }] })
export type LinkChange = z.infer<typeof LinkChange>

export const Tags = z
  .object({ data: z.array(z.object({ tag: z.string(), links: z.int() })) })
  .meta({ id: 'Tags' })
export type Tags = z.infer<typeof Tags>

export const SlugState = z
  .object({ available: z.boolean(), reason: z.enum(['invalid', 'reserved', 'taken']).optional() })
  .meta({ id: 'SlugState' })
export type SlugState = z.infer<typeof SlugState>

/** A line of a bulk request: what is done, to which link, and with what. */
export const BulkRow = body({
  op: oneOf('create', 'update', 'delete').optional(),
  id: text.optional().meta({ description: 'Of the link to update or delete, or its slug.' }),
})
  .loose()
  .meta({
    id: 'BulkRow',
    description: 'The fields of a link stand beside `op` and `id`.',
    examples: [
      { target: 'https://example.com/', tags: ['import'] },
      { op: 'update', id: 'guide', title: 'Handbook' },
      { op: 'delete', id: 'old' },
    ],
  })
export type BulkRow = z.infer<typeof BulkRow>

/** A line of its answer. */
export const BulkResult = z
  .object({
    row: z.int().meta({ description: 'Which line of the request, from 1.' }),
    status: z.int().meta({ description: 'What a request of its own would have been answered with.' }),
    link: Link.optional(),
    error: z.looseObject({ code: z.string(), detail: z.string() }).optional(),
    replayed: z
      .boolean()
      .optional()
      .meta({ description: 'It was done by an earlier request with the same key.' }),
  })
  .meta({ id: 'BulkResult' })
export type BulkResult = z.infer<typeof BulkResult>

/** The answer of an export as JSON. */
export const LinkExport = z.object({ data: z.array(Link) }).meta({ id: 'LinkExport' })
export type LinkExport = z.infer<typeof LinkExport>
