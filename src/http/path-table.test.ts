import { expect, test } from 'bun:test'
import { pathOwner } from './path-table.ts'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test.each([
  ['/api/v1/auth/login', 'lnk7'],
  ['/api/v1/me', 'linktj'],
  ['/api/auth/token', 'linktj'],
  ['/api/cron', 'linktj'],
  ['/v1/shorten', 'lynklens'],
  ['/storage/qr/a.png', 'lynklens'],
  ['/v3/asn', 'ipgeolocation'],
  ['/bgp/v1/asn/1', 'lynk'],
  ['/ip/v1/lookup/me', 'lynk'],
  ['/api/files', 'lynk'],
  ['/dl/abc', 'lynk'],
  ['/api/v2/links', 'onehop'],
  ['/', undefined],
  ['/abc', undefined],
  ['/v1x', undefined],
  ['/V1/shorten', undefined],
  ['/api/v1/linksx', undefined],
  ['/api', undefined],
])('%s is answered by %s', (path, owner) => {
  expect(pathOwner(path, new Headers())).toBe(owner as never)
})

test.each([
  ['a lnk7 key', bearer('lnk7_abc'), 'lnk7'],
  ['a key of another API', bearer('12|abc'), 'lnk7'],
  ['anything else', bearer('nonsense'), 'lnk7'],
  ['another scheme', { authorization: 'Basic YTpi' }, 'lnk7'],
  ['a linktj key', bearer('lnktj_abc'), 'linktj'],
  ['a JWT', bearer('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'), 'linktj'],
  ['an X-Api-Key', { 'x-api-key': 'lnk7_abc' }, 'linktj'],
  ['both headers', { 'x-api-key': 'lnktj_abc', ...bearer('lnk7_abc') }, 'linktj'],
  ['nothing', {}, 'anonymous-links'],
])('the shared links path with %s', (_, headers, owner) => {
  for (const path of ['/api/v1/links', '/api/v1/links/1'])
    expect(pathOwner(path, new Headers(headers))).toBe(owner as never)
})
