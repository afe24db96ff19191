import type { KeyDialect } from '#core/accounts/account.ts'
import { isLoginToken } from '#core/accounts/login-token.ts'
import { apiKeyHeader, bearerToken } from './credentials.ts'

/** The APIs this server speaks. */
export type DialectName = KeyDialect

/**
 * Which API answers a path. `anonymous-links` is the path two APIs share, asked without a credential that would
 * tell which one is meant.
 */
export type PathOwner = DialectName | 'anonymous-links'

/** Paths by first segments; a later row never widens an earlier one. */
const TABLE: readonly (readonly [prefix: string, owner: DialectName])[] = [
  ['/api/v1/auth', 'lnk7'],
  ['/api/v1/me', 'linktj'],
  ['/api/auth/token', 'linktj'],
  ['/api/cron', 'linktj'],
  ['/api/v2', 'onehop'],
  ['/openapi.json', 'onehop'],
  ['/api/files', 'lynk'],
  ['/v1', 'lynklens'],
  ['/storage/qr', 'lynklens'],
  ['/v3', 'ipgeolocation'],
  ['/bgp/v1', 'lynk'],
  ['/ip/v1', 'lynk'],
  ['/dl', 'lynk'],
]

const SHARED_LINKS = '/api/v1/links'

/**
 * The API that answers a request on a host that is bound to none; undefined for everything that is no API.
 */
export function pathOwner(path: string, headers: Headers): PathOwner | undefined {
  if (isUnder(path, SHARED_LINKS)) return linksOwner(headers)
  return TABLE.find(([prefix]) => isUnder(path, prefix))?.[1]
}

/**
 * lnk7 and linktj both live at `/api/v1/links`: a linktj key, a JWT and an `X-Api-Key` header mean linktj, any
 * other credential lnk7.
 */
function linksOwner(headers: Headers): PathOwner {
  if (apiKeyHeader(headers) !== undefined) return 'linktj'
  const token = bearerToken(headers)
  if (token === undefined) return headers.has('authorization') ? 'lnk7' : 'anonymous-links'
  return token.startsWith('lnktj_') || isLoginToken(token) ? 'linktj' : 'lnk7'
}

function isUnder(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
}
