/** One thing the server needs, and what is wrong with it. */
export interface Check {
  readonly name: string
  /** Undefined when all is well. */
  readonly problem?: string | undefined
}

export interface Operations {
  /** Looks at everything a request may need. */
  readonly checks: () => Promise<readonly Check[]>
  /** All figures in the Prometheus text format, with its content type. */
  readonly metrics: () => Promise<{ readonly text: string; readonly contentType: string }>
}

/**
 * Answer the paths that are for whoever runs the server.
 *
 * @returns undefined for every other path
 */
export function answerOperations(
  operations: Operations,
  method: string,
  path: string,
): Response | Promise<Response> | undefined {
  const answer = ANSWERS[path]
  if (answer === undefined) return undefined
  if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed()
  return answer(operations)
}

/** A plain refusal of a method that only reading paths know. */
export function methodNotAllowed(): Response {
  return new Response('Method not allowed.\n', { status: 405, headers: { allow: 'GET, HEAD' } })
}

type Answer = (operations: Operations) => Response | Promise<Response>

const ANSWERS: Readonly<Partial<Record<string, Answer>>> = {
  // Alive: the process answers. Nothing else is looked at, so that a slow database never gets it restarted.
  '/healthz': () => new Response('ok\n', { headers: NO_STORE }),
  '/readyz': async ({ checks }) => {
    const found = await checks()
    const isReady = found.every((check) => check.problem === undefined)
    const body = {
      ready: isReady,
      checks: Object.fromEntries(found.map(({ name, problem }) => [name, problem ?? 'ok'])),
    }
    return Response.json(body, { status: isReady ? 200 : 503, headers: NO_STORE })
  },
  '/metrics': async ({ metrics }) => {
    const { text, contentType } = await metrics()
    return new Response(text, { headers: { ...NO_STORE, 'content-type': contentType } })
  },
  '/robots.txt': () => new Response('User-agent: *\nDisallow: /\n'),
  '/favicon.ico': () =>
    new Response(null, { status: 204, headers: { 'cache-control': 'public, max-age=86400' } }),
}

const NO_STORE = { 'cache-control': 'no-store' }
