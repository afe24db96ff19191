import type { HonoRequest } from 'hono'
import type { z } from 'zod'
import { DomainError, type InputProblem } from '#core/errors.ts'

/** What a JSON body may take. Bodies of the JSON dialects are small; an upload has its own reader. */
export const JSON_LIMIT_BYTES = 64 * 1024

/**
 * Read a JSON body of a documented shape.
 *
 * @throws DomainError `body-too-large`, `body-not-json`, or `invalid-input` naming the offending fields
 */
export async function readJson<T>(
  request: HonoRequest,
  schema: z.ZodType<T>,
  limitBytes = JSON_LIMIT_BYTES,
): Promise<T> {
  return parseJson(await readBody(request.raw, limitBytes), schema)
}

/**
 * The value of a JSON body of a documented shape.
 *
 * @throws DomainError `body-not-json`, or `invalid-input` naming the offending fields
 */
export function parseJson<T>(body: Uint8Array, schema: z.ZodType<T>): T {
  const value = parse(body)
  const unstorable = findUnstorableText(value)
  if (unstorable !== undefined) throw new DomainError('invalid-input', { problems: [unstorable] })
  const parsed = schema.safeParse(value)
  if (!parsed.success)
    throw new DomainError('invalid-input', { problems: parsed.error.issues.map(toProblem) })
  return parsed.data
}

/**
 * Read a whole body, counting as it arrives: the length a client announces is not believed.
 *
 * @throws DomainError `body-too-large`
 */
export async function readBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  const tooLarge = new DomainError('body-too-large', { limitBytes })
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) throw tooLarge
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.length
    if (sizeBytes > limitBytes) throw tooLarge
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parse(body: Uint8Array): unknown {
  if (body.length === 0) throw new DomainError('body-not-json', { problem: 'the body is empty' })
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new DomainError('body-not-json', { problem: 'the body is not UTF-8' })
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new DomainError('body-not-json', { problem: 'the body is not valid JSON' })
  }
}

/** The first text that a database cannot keep: one with NUL, or with half of a surrogate pair. */
function findUnstorableText(root: unknown): InputProblem | undefined {
  const pending: { field: string; value: unknown }[] = [{ field: '', value: root }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { field, value } = next
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()))
      return { field, problem: 'must be Unicode text without NUL characters' }
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value))
        pending.push({ field: field === '' ? key : `${field}.${key}`, value: inner })
  }
  return undefined
}

function toProblem(issue: z.core.$ZodIssue): InputProblem {
  return { field: issue.path.join('.'), problem: issue.message }
}
