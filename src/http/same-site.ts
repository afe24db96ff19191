import { DomainError } from '#core/errors.ts'

/**
 * Refuse what changes something when a page of another site may have sent it: a browser adds cookies to such requests
 * too. `Sec-Fetch-Site` (Fetch Metadata) is the browser's own word; one that does not say it must name this host in
 * `Origin`.
 *
 * @throws DomainError `cross-site`
 */
export function requireSameSite(request: Request): void {
  if (SAFE_METHODS.has(request.method) || isSameSite(request)) return
  throw new DomainError('cross-site', {})
}

/**
 * Refuse what signs somebody in when a browser says that a page of another site sent it; a program says nothing of the
 * kind, and may.
 *
 * @throws DomainError `cross-site`
 */
export function requireNotCrossSite(request: Request): void {
  const isSaid = request.headers.has('sec-fetch-site') || request.headers.has('origin')
  if (isSaid && !isSameSite(request)) throw new DomainError('cross-site', {})
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

function isSameSite({ headers }: Request): boolean {
  const said = headers.get('sec-fetch-site')
  // `none` is the user's own doing, such as a bookmark. A sibling subdomain is another's page: `same-site` is not enough.
  if (said !== null) return said === 'same-origin' || said === 'none'
  const origin = URL.parse(headers.get('origin') ?? '')
  return origin !== null && origin.host !== '' && origin.host === headers.get('host')?.toLowerCase()
}
