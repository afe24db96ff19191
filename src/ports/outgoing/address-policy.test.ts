import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { addressPolicy, isPublicAddress } from './address-policy.ts'

test.each([
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.0.8',
  '192.0.0.170',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::2',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:FFFF:10.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1.1.1.1',
  '100::1',
  '100:0:0:1::1',
  '2001::1',
  '2001:0:7f00:1::',
  // Teredo: a public server, and the client 10.0.0.1 with its bits turned around.
  '2001:0:101:101:0:0:f5ff:fffe',
  '2001:1::4',
  '2001:2::1',
  '2001:10::1',
  '2001:1ff::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  '2002:a9fe:a9fe::1',
  '3fff::1',
  '3fff:fff::1',
  '4000::1',
  '5f00::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  '2606:4700::1111%eth0',
  'fec0::1',
  'ff02::1',
  '',
  'localhost',
  '1.1.1',
  '01.1.1.1',
  '1.1.1.1 ',
  '[2606:4700::1111]',
  '1.1.1.1/32',
])('%p is not public', (ip) => {
  expect(isPublicAddress(ip)).toBe(false)
})

test.each([
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.0.9',
  '192.0.0.10',
  '192.0.1.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.175.48.1',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '::ffff:1.1.1.1',
  '::1.1.1.1',
  '64:ff9b::1.1.1.1',
  '2001:1::1',
  '2001:1::2',
  '2001:1::3',
  '2001:3::1',
  '2001:4:112::1',
  '2001:20::1',
  '2001:30::1',
  '2001:200::1',
  // Teredo: server and client both 1.1.1.1.
  '2001:0:101:101:0:0:fefe:fefe',
  '2002:101:101::1',
  '2606:4700:4700::1111',
  '2620:4f:8000::1',
  '3ffe::1',
  '3fff:1000::1',
])('%p is public', (ip) => {
  expect(isPublicAddress(ip)).toBe(true)
})

test('any address is judged as by comparing its bits with the registries', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.bigInt(0n, 2n ** 32n - 1n), nearbyV4),
      (value) => isPublicAddress(v4Text(value)) === naiveV4(value),
    ),
    { numRuns: 5_000 },
  )
  fc.assert(
    fc.property(fc.oneof(fc.bigInt(0n, 2n ** 128n - 1n), nearbyV6, embedding), (value) => {
      const isPublic = naiveV6(value)
      return spellings(value).every((text) => isPublicAddress(text) === isPublic)
    }),
    { numRuns: 5_000 },
  )
})

test('an address on the list is allowed, in mapped notation too', () => {
  const isAllowed = addressPolicy(['10.1.2.3/16', '127.0.0.1', 'fd00::/8', '::ffff:192.168.0.0/120'])

  for (const ip of ['10.1.0.0', '10.1.255.255', '::ffff:10.1.2.3', '127.0.0.1', '::ffff:7f00:1', 'fd12::1'])
    expect([ip, isAllowed(ip)]).toEqual([ip, true])
  for (const ip of ['192.168.0.1', '1.1.1.1', '2606:4700::1111'])
    expect([ip, isAllowed(ip)]).toEqual([ip, true])
  for (const ip of [
    '10.2.0.0',
    '127.0.0.2',
    '::1',
    'fc00::1',
    '192.168.1.1',
    '64:ff9b::10.1.2.3',
    'fd00::1%lo',
  ])
    expect([ip, isAllowed(ip)]).toEqual([ip, false])
})

test('a list of everything in one family does not open the other', () => {
  expect(addressPolicy(['0.0.0.0/0'])('127.0.0.1')).toBe(true)
  expect(addressPolicy(['0.0.0.0/0'])('::1')).toBe(false)
  expect(addressPolicy(['::/0'])('::1')).toBe(true)
  expect(addressPolicy(['::/0'])('127.0.0.1')).toBe(false)
  expect(addressPolicy(['::ffff:0:0/95'])('127.0.0.1')).toBe(false)
  expect(addressPolicy(['::ffff:0:0/96'])('127.0.0.1')).toBe(true)
})

test.each([
  '',
  'localhost',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0.0/',
  '::/129',
  'fe80::1%lo/64',
])('the entry %p is refused', (entry) => {
  expect(() => addressPolicy([entry])).toThrow(RangeError)
})

/** Written out from the registries a second time, as numbers: [first group or octets, prefix length, public?]. */
const V4: readonly (readonly [bigint, number, boolean])[] = [
  [0n, 0, true],
  [0x00000000n, 8, false],
  [0x0a000000n, 8, false],
  [0x64400000n, 10, false],
  [0x7f000000n, 8, false],
  [0xa9fe0000n, 16, false],
  [0xac100000n, 12, false],
  [0xc0000000n, 24, false],
  [0xc0000009n, 32, true],
  [0xc000000an, 32, true],
  [0xc0000200n, 24, false],
  [0xc0586300n, 24, false],
  [0xc0a80000n, 16, false],
  [0xc6120000n, 15, false],
  [0xc6336400n, 24, false],
  [0xcb007100n, 24, false],
  [0xe0000000n, 3, false],
]
const V6: readonly (readonly [bigint, number, boolean])[] = [
  [0n, 0, false],
  [0x2000n << 112n, 3, true],
  [0x20010000n << 96n, 23, false],
  [(0x20010001n << 96n) | 1n, 128, true],
  [(0x20010001n << 96n) | 2n, 128, true],
  [(0x20010001n << 96n) | 3n, 128, true],
  [0x20010003n << 96n, 32, true],
  [0x200100040112n << 80n, 48, true],
  [0x20010020n << 96n, 28, true],
  [0x20010030n << 96n, 28, true],
  [0x20010db8n << 96n, 32, false],
  [0x3fff0000n << 96n, 20, false],
]
const MAPPED = 0xffffn << 32n
const NAT64 = 0x64ff9bn << 96n
const TEREDO = 0x20010000n << 96n
const SIX_TO_FOUR = 0x2002n << 112n
const LOW_32 = 2n ** 32n - 1n

function naiveV4(value: bigint): boolean {
  return longestMatch(V4, value, 32)
}

function naiveV6(value: bigint): boolean {
  const low = value & LOW_32
  if (value >> 32n === MAPPED >> 32n || value >> 32n === NAT64 >> 32n) return naiveV4(low)
  if (value >> 32n === 0n) return value > 1n && naiveV4(low)
  if (value >> 96n === TEREDO >> 96n) return naiveV4((value >> 64n) & LOW_32) && naiveV4(low ^ LOW_32)
  if (value >> 112n === SIX_TO_FOUR >> 112n) return naiveV4((value >> 80n) & LOW_32)
  return longestMatch(V6, value, 128)
}

function longestMatch(rows: typeof V4, value: bigint, width: number): boolean {
  let best = -1
  let verdict = false
  for (const [base, bits, isPublic] of rows) {
    const shift = BigInt(width - bits)
    if (bits <= best || value >> shift !== base >> shift) continue
    best = bits
    verdict = isPublic
  }
  return verdict
}

/** Addresses at both ends of a block and one beyond. */
function edges(rows: typeof V4, width: number) {
  const values = rows.flatMap(([base, bits]) => {
    const end = base + (1n << BigInt(width - bits))
    return [base - 1n, base, end - 1n, end]
  })
  return fc.constantFrom(...values.filter((value) => value >= 0n && value < 1n << BigInt(width)))
}

const nearbyV4 = edges(V4, 32)
const nearbyV6 = edges(V6, 128)
const someV4 = fc.oneof(nearbyV4, fc.bigInt(0n, LOW_32))
const embedding = fc
  .tuple(fc.constantFrom('low', 'mapped', 'nat64', 'teredo', '6to4'), someV4, someV4)
  .map(([kind, ip, other]) => {
    if (kind === 'mapped') return MAPPED | ip
    if (kind === 'nat64') return NAT64 | ip
    if (kind === 'teredo') return TEREDO | (other << 64n) | (ip ^ LOW_32)
    if (kind === '6to4') return SIX_TO_FOUR | (ip << 80n) | other
    return ip
  })

function v4Text(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
}

/** The same IPv6 address written in full, shortened, in capitals and with a dotted end. */
function spellings(value: bigint): readonly string[] {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  )
  const full = groups.map((group) => group.padStart(4, '0')).join(':')
  const short = new URL(`http://[${full}]/`).hostname.slice(1, -1)
  return [full, short, short.toUpperCase(), `${groups.slice(0, 6).join(':')}:${v4Text(value & LOW_32)}`]
}
