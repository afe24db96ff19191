import { bearerTokenIn } from '#http/credentials.ts'

/** The key everybody knows: as good as none, and none is as good as it. */
const PUBLIC_KEY = 'openusage'

/**
 * The key that a request shows, in its `Authorization` header or as `?key=`.
 *
 * @param url or what stands in the request line: the query is all that is read of it
 * @param authorization the header's value; empty where there is none
 */
export function credentialOf(url: string, authorization: string): string | undefined {
  return keyOf(authorization, keyParameter(url))
}

/** The same of a parameter that has been read. */
export function keyOf(authorization: string, parameter: string | undefined): string | undefined {
  const key = bearerTokenIn(authorization) ?? (parameter?.trim() || undefined)
  return key === PUBLIC_KEY ? undefined : key
}

function keyParameter(url: string): string | undefined {
  const mark = url.indexOf('?')
  if (mark === -1) return undefined
  return new URLSearchParams(url.slice(mark + 1)).get('key') ?? undefined
}
