import type { TestApp } from './test-app.ts'

/** An answer of our own API. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  /** Parsed; null where there is none. What a test expects of it is what the test is about. */
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  readonly body: any
}

/** A client of our own API: paths are below `/api/v2`. */
export interface ApiClient {
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>
  /** The status and, of a refusal, its code. */
  outcome(method: string, path: string, body?: unknown): Promise<readonly [status: number, code?: string]>
}

/** A program with a key, or without. */
export function apiClient(app: TestApp, token?: string): ApiClient {
  return clientOf(async (method, path, body, headers) =>
    app.call(method, path, { token, ...(body !== undefined && { body }), ...(headers && { headers }) }),
  )
}

/** A page of this site in a browser: it keeps its cookie, and says where its requests come from. */
export function browserPage(app: TestApp, userAgent = ''): ApiClient {
  let cookie = ''
  return clientOf(async (method, path, body, headers) => {
    const response = await app.call(method, path, {
      ...(body !== undefined && { body }),
      headers: {
        'sec-fetch-site': 'same-origin',
        ...(cookie !== '' && { cookie }),
        ...(userAgent !== '' && { 'user-agent': userAgent }),
        ...headers,
      },
    })
    const set = response.headers.get('set-cookie')
    if (set !== null) cookie = set.slice(0, set.indexOf(';'))
    return response
  })
}

function clientOf(
  send: (
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> | undefined,
  ) => Promise<Response>,
): ApiClient {
  const call: ApiClient['call'] = async (method, path, body, headers) => {
    const response = await send(method, `/api/v2${path}`, body, headers)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : (JSON.parse(text) as unknown),
    }
  }
  return {
    call,
    async outcome(method, path, body) {
      const answer = await call(method, path, body)
      return answer.status < 400 ? [answer.status] : [answer.status, answer.body.code as string]
    },
  }
}
