import type { Ctx } from '#core/context.ts'
import { countMatchingLinks, type LinkPageRequest, pageLinks } from '#core/links/page-links.ts'
import { requireMember } from '#core/permissions.ts'
import { csvLine } from '#http/csv.ts'
import { StreamSlots } from '#http/stream-slots.ts'
import { streamText } from '#http/stream-text.ts'
import { endpoint } from './endpoint.ts'
import { FILTER_PARAMETERS, linkToWire, parseFilter } from './link-fields.ts'
import { oneOf } from './wire/fields.ts'
import { type Link, LinkExport } from './wire/links.ts'

/** Links that are read at a time. */
const PAGE_SIZE = 500
/** Exports of one team at a time. */
const MAX_AT_ONCE = 4

const COLUMNS = [
  'id',
  'slug',
  'short_url',
  'kind',
  'target',
  'title',
  'description',
  'tags',
  'status',
  'expires_at',
  'clicks',
  'has_qr_code',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof Link)[]

/** All links of a team as one file. */
export function exportEndpoints() {
  const slots = new StreamSlots(MAX_AT_ONCE)
  return [
    endpoint({
      method: 'GET',
      path: '/links/export',
      summary: 'Links of the team as a file, newest first',
      tag: 'Links',
      access: 'links:read',
      query: { ...FILTER_PARAMETERS, format: oneOf('csv', 'json').default('csv') },
      answer: LinkExport,
      mediaTypes: { 'text/csv': undefined },
      problems: ['too-many-streams'],
      handle: async ({ ctx, query, reportBug }) => {
        const filter = parseFilter(query)
        // What is refused is refused before the answer begins.
        await countMatchingLinks(ctx, filter)
        const { teamId } = requireMember(ctx.actor)
        slots.requireFree(teamId)
        const isCsv = query.format === 'csv'
        const text = isCsv ? csvOf(ctx, filter) : jsonOf(ctx, filter)
        return new Response(streamText(slots.hold(teamId, text), { onError: reportBug }), {
          headers: {
            'content-type': isCsv ? 'text/csv; charset=utf-8' : 'application/json',
            'content-disposition': `attachment; filename="links.${query.format}"`,
          },
        })
      },
    }),
  ]
}

async function* csvOf(ctx: Ctx, filter: LinkPageRequest['filter']): AsyncGenerator<string, void> {
  yield csvLine(COLUMNS)
  for await (const links of pagesOf(ctx, filter))
    yield links
      .map((link) =>
        csvLine(COLUMNS.map((column) => (column === 'tags' ? link.tags.join(',') : link[column]))),
      )
      .join('')
}

async function* jsonOf(ctx: Ctx, filter: LinkPageRequest['filter']): AsyncGenerator<string, void> {
  yield '{"data":['
  let isFirst = true
  for await (const links of pagesOf(ctx, filter)) {
    yield `${isFirst ? '' : ','}${links.map((link) => JSON.stringify(link)).join(',\n')}`
    isFirst = false
  }
  yield ']}\n'
}

/** Never an empty page. */
async function* pagesOf(ctx: Ctx, filter: LinkPageRequest['filter']): AsyncGenerator<readonly Link[], void> {
  const request = { filter, order: { by: 'created_at', isDescending: true }, limit: PAGE_SIZE } as const
  let after: LinkPageRequest['after']
  do {
    const { links, next } = await pageLinks(ctx, { ...request, after })
    if (links.length > 0) yield links.map((link) => linkToWire(ctx, link))
    after = next
  } while (after !== undefined)
}
