import type { Ctx } from '#core/context.ts'
import { DomainError, renderError } from '#core/errors.ts'
import { answerOnce, type IdempotencyKey } from '#core/idempotency/answer-once.ts'
import { createLink } from '#core/links/create-link.ts'
import type { Link as TeamLink } from '#core/links/link.ts'
import { deleteLink, parseLinkName, updateLink } from '#core/links/manage-links.ts'
import { requireMember } from '#core/permissions.ts'
import { parseJson } from '#http/read-json.ts'
import { eagerly, readLines } from '#http/read-lines.ts'
import { StreamSlots } from '#http/stream-slots.ts'
import { streamText } from '#http/stream-text.ts'
import { endpoint } from './endpoint.ts'
import { crash, errors } from './errors.ts'
import { linkToWire, parseLinkChanges, parseNewLink } from './link-fields.ts'
import { BulkResult, BulkRow, LinkChange, LinkNew } from './wire/links.ts'

const MAX_ROWS = 10_000
const LIMITS = { totalBytes: 8 * 1024 * 1024, lineBytes: 128 * 1024 }
/** Bulk requests of one team at a time. */
const MAX_AT_ONCE = 4

/** Everything a row is done with. */
interface BulkCall {
  readonly ctx: Ctx
  readonly source: TeamLink['source']
  readonly key: IdempotencyKey | undefined
  readonly reportBug: (error: unknown) => void
}

/** Many links in one request. */
export function bulkEndpoints() {
  const slots = new StreamSlots(MAX_AT_ONCE)
  return [
    endpoint({
      method: 'POST',
      path: '/links/bulk',
      summary: 'Create, update and delete links in bulk',
      description: `Up to ${MAX_ROWS} rows and 8 MiB. Each row is done on its own, in order, and answered by a line as soon as it is; one that is refused does not keep the others from being done. With an \`Idempotency-Key\` a request that broke off can be sent again: rows that were done are answered as they were, with \`replayed\`, and only the others are done.`,
      tag: 'Links',
      access: 'links:write',
      streamedBody: {
        mediaType: 'application/x-ndjson',
        description: 'A JSON object a line.',
        schema: BulkRow,
      },
      creates: 'each row',
      isOnceByPart: true,
      mediaTypes: { 'application/x-ndjson': BulkResult },
      problems: ['too-many-streams'],
      handle: ({ ctx, request, session, idempotencyKey, reportBug }) => {
        const { teamId } = requireMember(ctx.actor)
        slots.requireFree(teamId)
        const source = session === undefined ? 'api' : 'web'
        const results = doRows({ ctx, source, key: idempotencyKey, reportBug }, request)
        return new Response(streamText(slots.hold(teamId, results), { onError: reportBug }), {
          headers: { 'content-type': 'application/x-ndjson' },
        })
      },
    }),
  ]
}

async function* doRows(call: BulkCall, request: Request): AsyncGenerator<string, void> {
  let row = 0
  try {
    for await (const line of eagerly(readLines(request, LIMITS))) {
      row++
      if (row > MAX_ROWS) {
        const problem = `must have at most ${MAX_ROWS} rows`
        yield lineOf(refusalOf(row, new DomainError('invalid-input', { problems: [{ field: '', problem }] })))
        return
      }
      yield lineOf(await doRowOnce(call, row, line))
    }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    // The row that ends the request's reading is not there to be done.
    yield lineOf(refusalOf(row + 1, error))
  }
}

function lineOf(result: BulkResult): string {
  return `${JSON.stringify(result)}\n`
}

/** A row's result; a row that was done before, under the same key, is not done again. */
async function doRowOnce(call: BulkCall, row: number, line: Uint8Array): Promise<BulkResult> {
  const { ctx, key } = call
  if (key === undefined) return doRow(call, row, line)
  // Keys of rows are longer than those of clients, and so never one of theirs.
  const rowKey = `${key}${'#'.repeat(256)}${row}` as IdempotencyKey
  try {
    const { answer, isReplayed } = await answerOnce(ctx, { key: rowKey, parts: ['bulk', line] }, async () => {
      const result = await doRow(call, row, line)
      return { answer: JSON.stringify(result), isFinal: result.status < 500 && result.status !== 429 }
    })
    // Only results are kept under these keys.
    const result = JSON.parse(answer) as BulkResult
    return isReplayed ? { ...result, replayed: true } : result
  } catch (error) {
    if (error instanceof DomainError) return refusalOf(row, error)
    throw error
  }
}

async function doRow(call: BulkCall, row: number, line: Uint8Array): Promise<BulkResult> {
  const { ctx, source } = call
  try {
    const { op = 'create', id } = parseJson(line, BulkRow)
    if (op === 'create') {
      const link = await createLink(ctx, parseNewLink(ctx, parseJson(line, LinkNew), source))
      return { row, status: 201, link: linkToWire(ctx, { link, clicks: 0, hasQrCode: false }) }
    }
    if (id === undefined)
      throw new DomainError('invalid-input', { problems: [{ field: 'id', problem: 'is required' }] })
    const name = await parseLinkName(ctx, id)
    if (op === 'delete') {
      await deleteLink(ctx, name)
      return { row, status: 204 }
    }
    const changes = await parseLinkChanges(ctx, name, parseJson(line, LinkChange))
    return { row, status: 200, link: linkToWire(ctx, await updateLink(ctx, name, changes)) }
  } catch (error) {
    if (error instanceof DomainError) return refusalOf(row, error)
    call.reportBug(error)
    return { row, status: crash.status, error: crash.body as BulkResult['error'] }
  }
}

function refusalOf(row: number, error: DomainError): BulkResult {
  const { status, body } = renderError(errors, error)
  // A problem has both.
  return { row, status, error: body as BulkResult['error'] }
}
