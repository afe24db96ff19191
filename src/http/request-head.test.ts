import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { CHUNKED, INCOMPLETE, MAX_HEAD_BYTES, MAX_HEADERS, RequestHead } from './request-head.ts'

test('a head says what was asked for, of whom, and what follows it', () => {
  const text =
    'POST /a/b?c=d HTTP/1.1\r\nHost: s.test:8080\r\nContent-Length: 12\r\nX-Empty:\r\nX-Wide: \t a  b \t\r\n\r\n'
  const { head, bytes, end } = parse(`${text}and the body`)

  expect(end).toBe(text.length)
  expect(factsOf(head, bytes)).toEqual({
    method: 'POST',
    target: '/a/b?c=d',
    host: 's.test:8080',
    minor: 1,
    isKeptAlive: true,
    expectsContinue: false,
    bodyBytes: 12,
    headers: [
      ['Host', 's.test:8080'],
      ['Content-Length', '12'],
      ['X-Empty', ''],
      ['X-Wide', 'a  b'],
    ],
  })
})

test.each([
  { line: 'GET / HTTP/1.1', header: '', facts: { isKeptAlive: true, bodyBytes: 0 } },
  { line: 'GET / HTTP/1.1', header: 'Connection: Close', facts: { isKeptAlive: false } },
  { line: 'GET / HTTP/1.1', header: 'connection: te ,\tclose', facts: { isKeptAlive: false } },
  { line: 'GET / HTTP/1.1', header: 'Connection: closed, keep-alive', facts: { isKeptAlive: true } },
  { line: 'GET / HTTP/1.0', header: 'Connection: keep-alive', facts: { isKeptAlive: false, minor: 0 } },
  { line: 'POST / HTTP/1.1', header: 'Transfer-Encoding: CHUNKED', facts: { bodyBytes: CHUNKED } },
  { line: 'POST / HTTP/1.1', header: 'content-length: 007', facts: { bodyBytes: 7 } },
  { line: 'POST / HTTP/1.1', header: 'Expect: 100-Continue', facts: { expectsContinue: true } },
  { line: 'POST / HTTP/1.0', header: 'Expect: 100-continue', facts: { expectsContinue: false } },
  { line: 'POST / HTTP/1.1', header: 'Expect: something', facts: { expectsContinue: false } },
  { line: 'GET http://b.test/x?y HTTP/1.1', header: '', facts: { target: '/x?y', host: 'b.test' } },
  { line: 'GET HTTP://b.test:1/ HTTP/1.1', header: '', facts: { target: '/', host: 'b.test:1' } },
])('$line with "$header" is understood', ({ line, header, facts }) => {
  const { head, bytes, end } = parse(`${line}\r\nHost: a.test\r\n${header}${header && '\r\n'}\r\n`)

  expect(end).toBeGreaterThan(0)
  expect(factsOf(head, bytes)).toMatchObject(facts)
})

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'

test.each([
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['no Host in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', 400],
  ['two Hosts', `${GET}Host: a\r\n\r\n`, 400],
  ['both lengths', `${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  [
    'both lengths, the other way round',
    `${POST}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n`,
    400,
  ],
  ['two lengths', `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
  ['the same length twice', `${POST}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`, 400],
  ['a list of lengths', `${POST}Content-Length: 1, 1\r\n\r\n`, 400],
  ['a negative length', `${POST}Content-Length: -1\r\n\r\n`, 400],
  ['a signed length', `${POST}Content-Length: +1\r\n\r\n`, 400],
  ['a length in hexadecimal', `${POST}Content-Length: 0x1\r\n\r\n`, 400],
  ['a length of nothing', `${POST}Content-Length:\r\n\r\n`, 400],
  ['a length beyond numbers', `${POST}Content-Length: 9007199254740993\r\n\r\n`, 400],
  ['two codings', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ['a coding nobody knows', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n`, 501],
  ['chunked as a parameter', `${POST}Transfer-Encoding: chunked;q=1\r\n\r\n`, 501],
  ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
  ['a blank before the colon', `${GET}X : 1\r\n\r\n`, 400],
  ['a folded line', `${GET}X: 1\r\n 2\r\n\r\n`, 400],
  ['a line without colon', `${GET}X\r\n\r\n`, 400],
  ['a name of nothing', `${GET}: 1\r\n\r\n`, 400],
  ['a bare line feed', 'GET / HTTP/1.1\nHost: a\n\n', 400],
  ['a bare line feed in a value', `${GET}X: 1\n2\r\n\r\n`, 400],
  ['a bare carriage return in a value', `${GET}X: 1\r2\r\n\r\n`, 400],
  ['a bare carriage return at the end', `${GET}\rX: 1\r\n\r\n`, 400],
  ['NUL in a value', `${GET}X: a\0b\r\n\r\n`, 400],
  ['NUL in a name', `${GET}X\0: ab\r\n\r\n`, 400],
  ['NUL in the target', 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a blank in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['two blanks', 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a tab for a blank', 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a line before', '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a blank before', ' GET / HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a target that is no path', 'GET a HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a target without path', 'GET http://a HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a target without host', 'GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a target for TLS', 'GET https://a/x HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a target of another kind', 'GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['the server as a whole', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 501],
  ['a method nobody knows', 'FOO / HTTP/1.1\r\nHost: a\r\n\r\n', 501],
  ['a method in small letters', 'get / HTTP/1.1\r\nHost: a\r\n\r\n', 501],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 501],
  ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
  ['HTTP/1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', 505],
  ['HTTP/1.10', 'GET / HTTP/1.10\r\nHost: a\r\n\r\n', 400],
  ['http', 'GET / http/1.1\r\nHost: a\r\n\r\n', 400],
  ['no version', 'GET /\r\nHost: a\r\n\r\n', 400],
  ['TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 400],
  ['a head that is too long', `${GET}X: ${'x'.repeat(MAX_HEAD_BYTES)}\r\n\r\n`, 431],
  ['a target that is too long', `GET /${'x'.repeat(MAX_HEAD_BYTES)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ['too many headers', `${GET}${'X: 1\r\n'.repeat(MAX_HEADERS)}\r\n`, 431],
])('%s is refused', (_, text, status) => {
  expect(parse(text).end).toBe(-status)
})

test('heads up to the limits are read', () => {
  const full = `${GET}X: `.length + '\r\n\r\n'.length

  expect(parse(`${GET}X: ${'x'.repeat(MAX_HEAD_BYTES - full)}\r\n\r\n`).end).toBe(MAX_HEAD_BYTES)
  expect(parse(`${GET}X: ${'x'.repeat(MAX_HEAD_BYTES - full + 1)}\r\n\r\n`).end).toBe(-431)
  expect(parse(`${GET}${'X: 1\r\n'.repeat(MAX_HEADERS - 1)}\r\n`).end).toBeGreaterThan(0)
})

test('nothing of a head is left in the next one', () => {
  const { head } = parse(
    'POST http://b.test/ HTTP/1.0\r\nHost: a\r\nUser-Agent: x\r\nUser-Agent: y\r\nReferer: z\r\nSec-Purpose: prefetch\r\nAccept-Language: de\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: 5\r\nConnection: close\r\n\r\n',
  )
  const fresh = new RequestHead()
  const next = Buffer.from(`${GET}\r\n`)

  head.parse(next, 0, next.length)
  fresh.parse(next, 0, next.length)

  expect(factsOf(head, next)).toEqual(factsOf(fresh, next))
  for (const name of ['userAgent', 'referrer', 'acceptLanguage', 'secPurpose', 'forwardedFor'] as const)
    expect(head[name]).toBe(-1)
  expect([head.hasRepeated, head.hasLength]).toEqual([false, false])
})

test('every head, however broken, has the verdict of a plain reading of the standard', () => {
  let accepted = 0
  let refused = 0

  fc.assert(
    fc.property(brokenHead(), (text) => {
      const { head, bytes, end } = parse(text)
      const expected = readPlainly(text)
      if (end > 0) accepted++
      else refused++
      if (expected === undefined) expect(end).toBeLessThan(0)
      else expect({ end, ...factsOf(head, bytes) }).toEqual(expected)
    }),
    { numRuns: 4_000 },
  )

  expect(Math.min(accepted, refused)).toBeGreaterThan(400)
})

test('a head that comes in pieces has the verdict of the whole, and never another before', () => {
  fc.assert(
    fc.property(brokenHead(), (text) => {
      const whole = parse(text)
      const bytes = Buffer.from(text, 'latin1')
      const head = new RequestHead()
      for (let length = 0; length <= bytes.length; length++) {
        const end = head.parse(bytes, 0, length)
        if (end === INCOMPLETE) continue
        expect([end, factsOf(head, bytes)]).toEqual([whole.end, factsOf(whole.head, bytes)])
        return
      }
      expect(whole.end).toBe(INCOMPLETE)
    }),
    { numRuns: 500 },
  )
})

test('bytes at random are neither read beyond their end nor taken for a head', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (random, from) => {
      const bytes = Buffer.from(random)
      const start = Math.min(from, bytes.length)
      const end = new RequestHead().parse(bytes, start, bytes.length)
      expect(end).toBeLessThanOrEqual(INCOMPLETE)
    }),
    { numRuns: 2_000 },
  )
})

function parse(text: string) {
  const bytes = Buffer.from(text, 'latin1')
  const head = new RequestHead()
  return { head, bytes, end: head.parse(bytes, 0, bytes.length) }
}

function factsOf(head: RequestHead, bytes: Buffer) {
  const { minor, isKeptAlive, expectsContinue, bodyBytes } = head
  return {
    method: bytes.toString('latin1', head.methodStart, head.methodEnd),
    target: bytes.toString('latin1', head.targetStart, head.targetEnd),
    host: bytes.toString('latin1', head.hostStart, head.hostEnd),
    minor,
    isKeptAlive,
    expectsContinue,
    bodyBytes,
    headers: Array.from({ length: head.headerCount }, (_, index) => [
      bytes.toString('latin1', head.nameStart(index), head.nameEnd(index)),
      head.value(bytes, index),
    ]),
  }
}

/** RFC 9112 as expressions over the whole text: slow, and nothing like the parser. */
const HEAD =
  /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE) ([!-~\x80-\xff]+) HTTP\/1\.([01])\r\n((?:[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e\x80-\xff]*\r\n){1,100})\r\n/

function readPlainly(text: string) {
  const match = HEAD.exec(text)
  if (match === null) return undefined
  const [whole, method = '', given = '', minor = '', lines = ''] = match
  const headers = lines
    .split('\r\n')
    .slice(0, -1)
    .map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')] as const
    })
  const all = (name: string) =>
    headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value)
  const absolute = /^http:\/\/([^/?]+)(\/.*)$/i.exec(given)
  const hosts = all('host')
  const lengths = all('content-length')
  const codings = all('transfer-encoding')
  if (!given.startsWith('/') && absolute === null) return undefined
  if (hosts.length !== 1 || lengths.length + codings.length > 1) return undefined
  if (codings.length === 1 && (minor === '0' || codings[0]?.toLowerCase() !== 'chunked')) return undefined
  if (lengths.length === 1 && !/^\d{1,15}$/.test(lengths[0] ?? '')) return undefined
  const connection = all('connection').flatMap((value) =>
    value.split(',').map((token) => token.trim().toLowerCase()),
  )
  return {
    end: whole.length,
    method,
    target: absolute?.[2] ?? given,
    host: absolute?.[1] ?? hosts[0] ?? '',
    minor: Number(minor),
    isKeptAlive: minor === '1' && !connection.includes('close'),
    expectsContinue: minor === '1' && all('expect').some((value) => value.toLowerCase() === '100-continue'),
    bodyBytes: codings.length === 1 ? CHUNKED : Number(lengths[0] ?? 0),
    headers: headers.map(([name, value]) => [name, value]),
  }
}

const NAMES = [
  'Host',
  'host',
  'X',
  'Content-Length',
  'content-length',
  'Transfer-Encoding',
  'Connection',
  'Expect',

  'User-Agent',
  'Referer',
  'X-Forwarded-For',
  'Sec-Purpose',
  'Accept-Language',
  'X Y',
  '',
  ' X',
  'Hos\0t',
]
const VALUES = [
  'a',
  '',
  '1',
  '0',
  '12',
  '-1',
  '1,1',
  '0x1',
  'chunked',
  'Chunked',
  'gzip',
  'close',
  'keep-alive, Close',
  '100-continue',
  ' b ',
  '\t',
  'a\0',
  'a\x7f',
  'a\x80\xff',
  'a\nb',
  'a\rb',
  '999999999999999999',
]

/** Heads of ordinary and of suspicious parts, most with a byte or two changed, all with an end. */
function brokenHead(): fc.Arbitrary<string> {
  const mostly = (usual: string, ...others: readonly string[]) =>
    fc.oneof(
      { weight: 12, arbitrary: fc.constant(usual) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    )
  const line = fc
    .tuple(
      mostly('GET', 'HEAD', 'POST', 'OPTIONS', 'FOO', 'get', '', 'GETGETGETGETGETGET'),
      mostly(' ', '  ', '\t', ''),
      mostly(
        '/a?b=c',
        '/',
        '*',
        'http://h/x',
        'http://h',
        'http:///',
        'HTTP://u@h:1/?',
        '//x',
        'a',
        '/\x80',
        '/ ',
      ),
      mostly(' ', '  ', '\t', ''),
      mostly(
        'HTTP/1.1',
        'HTTP/1.0',
        'HTTP/1.2',
        'HTTP/2.0',
        'HTTP/0.9',
        'http/1.1',
        'HTTP/1.1 ',
        'HTTP/11',
        '',
      ),
    )
    .map((parts) => parts.join(''))
  const header = fc
    .tuple(fc.constantFrom(...NAMES), mostly(': ', ':', ' : ', ':\t', '', ';'), fc.constantFrom(...VALUES))
    .map((parts) => parts.join(''))
  const end = mostly('\r\n', '\n', '\r', '\r\r\n', '')
  const withEnd = (text: fc.Arbitrary<string>) => fc.tuple(text, end).map((parts) => parts.join(''))
  const head = fc
    .tuple(
      withEnd(line),
      mostly('Host: a\r\n', '', 'Host: a\r\nHost: a\r\n', 'Host:\r\n'),
      fc.array(withEnd(header), { maxLength: 4 }),
    )
    .map(([first, host, rest]) => `${first}${host}${rest.join('')}`)
  const change = fc.record({
    at: fc.nat(),
    removed: fc.constantFrom(0, 0, 1),
    added: fc.constantFrom('', ' ', '\t', '\r', '\n', '\0', ':', 'x', '\xff', '\r\n'),
  })
  return fc
    .tuple(head, fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(change, { maxLength: 2 })))
    .map(([text, changes]) => {
      let changed = text
      for (const { at, removed, added } of changes) {
        const place = at % (changed.length + 1)
        changed = changed.slice(0, place) + added + changed.slice(place + removed)
      }
      // With an end of its own and a stray one behind it nothing here can be incomplete.
      return `${changed}${'\r\n'.repeat(8)}`
    })
}
