import { expect, test } from 'bun:test'
import { secureRandom } from '#core/random.ts'
import { drawTotpSecret, matchingStep, otpauthUri } from './totp.ts'

/** `12345678901234567890`, the key of the RFC's vectors. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

// Source: RFC 6238, appendix B, SHA-1, the last six of eight digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at %i s the code is %s', (seconds, code) => {
  expect(matchingStep(SECRET, code, new Date(seconds * 1000))).toBe(Math.floor(seconds / 30))
})

test('a code is taken for its step and the ones beside it, to the millisecond', () => {
  // The code of step 1: from 30 s until just before 60 s.
  const at = (milliseconds: number) => matchingStep(SECRET, '287082', new Date(milliseconds))

  expect([0, 29_999, 30_000, 59_999, 60_000, 89_999].map(at)).toEqual([1, 1, 1, 1, 1, 1])
  expect([90_000, 120_000].map(at)).toEqual([undefined, undefined])
})

test('what is no code of six digits is of no step', () => {
  for (const text of [
    '',
    '28708',
    '2870820',
    '28708２',
    '２８７０８２',
    '28 082',
    'abcdef',
    '-87082',
    '287082\n',
  ])
    expect([text, matchingStep(SECRET, text, new Date(59_000))]).toEqual([text, undefined])
})

test('a secret has 160 bits, and is another one each time', () => {
  const secrets = Array.from({ length: 100 }, () => drawTotpSecret(secureRandom))

  expect(new Set(secrets).size).toBe(100)
  for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/)
})

test('the URI names installation, account and secret, whatever characters they have', () => {
  const uri = otpauthUri(SECRET, { issuer: '[2001:db8::1]', account: 'a+b&c=d/é@example.com' })

  const { protocol, host, pathname, searchParams } = new URL(uri)
  expect([protocol, host]).toEqual(['otpauth:', 'totp'])
  expect(decodeURIComponent(pathname)).toBe('/[2001db81]:a+b&c=d/é@example.com')
  expect(Object.fromEntries(searchParams)).toEqual({
    secret: SECRET,
    issuer: '[2001db81]',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  })
})
