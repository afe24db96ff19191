import type { ProblemCode } from '#dialects/onehop/wire/problem.ts'

/** What the server says is wrong with one field of a request. */
export interface FieldProblem {
  readonly field: string
  readonly detail: string
}

/** A refusal (problem details, RFC 9457), or the lack of any answer, whose code is `unreachable`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly fields: readonly FieldProblem[]
  /** Further facts of the problem, by name. */
  readonly facts: Readonly<Record<string, unknown>>

  constructor(status: number, problem: Readonly<Record<string, unknown>>) {
    const { detail, title, code, errors } = problem
    super(textOf(detail) ?? textOf(title) ?? 'The server could not answer. Try again in a moment.')
    this.status = status
    this.code = textOf(code) ?? 'unknown'
    this.fields = Array.isArray(errors) ? errors.filter(isFieldProblem) : []
    this.facts = problem
  }
}

export interface CallOptions {
  /** Values that are undefined or null are left out; lists are repeated. */
  readonly query?: Query | undefined
  /** Sent as JSON, or as it is where it is a `Blob`, a stream of text or a form. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Ask the API with the session's cookie.
 *
 * @param path below `/api/v2`
 * @returns the JSON of the answer; undefined where it has none
 * @throws ApiError
 */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(method, path, options)
  const text = await response.text()
  // The server's answers are checked against its own description, by its tests.
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/**
 * Like {@link call}, for an answer that is read as it comes, or is no JSON.
 *
 * @throws ApiError
 */
export async function send(method: Method, path: string, options: CallOptions = {}): Promise<Response> {
  const { query = {}, body, headers = {}, signal } = options
  const isRaw = body instanceof Blob || body instanceof FormData || typeof body === 'string'
  let response: Response
  try {
    response = await fetch(apiUrl(path, query), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiError(0, { code: 'unreachable', detail: 'The server cannot be reached.' })
  }
  if (!response.ok) throw new ApiError(response.status, await problemOf(response))
  return response
}

/** The address of an endpoint, for what the browser itself fetches: images, exports, live feeds. */
export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null) search.append(name, String(one))
  const text = search.toString()
  return `/api/v2${path}${text === '' ? '' : `?${text}`}`
}

/** Whether something that was thrown is a refusal with one of these codes. */
export function hasCode(
  error: unknown,
  ...codes: readonly (ProblemCode | 'unreachable')[]
): error is ApiError {
  return error instanceof ApiError && codes.some((code) => code === error.code)
}

/** What to tell a person of something that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong.'
}

async function problemOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    const problem: unknown = await response.json()
    return typeof problem === 'object' && problem !== null ? { ...problem } : {}
  } catch {
    // A proxy's page, or a body that broke off: the status is all there is.
    return { detail: `The server answered ${response.status}.` }
  }
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return typeof value === 'object' && value !== null && 'field' in value && 'detail' in value
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
