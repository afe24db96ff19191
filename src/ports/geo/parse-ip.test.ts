import { expect, test } from 'bun:test'
import { isIP } from 'node:net'
import fc from 'fast-check'
import { parseIp, parseIpv4 } from './parse-ip.ts'
import { isGlobalAddress } from './special-addresses.ts'

test.each([
  ['192.0.2.1', 4, [0, 0, 0, 0xc0000201]],
  ['255.255.255.255', 4, [0, 0, 0, 0xffffffff]],
  ['::ffff:192.0.2.1', 4, [0, 0, 0, 0xc0000201]],
  ['::', 6, [0, 0, 0, 0]],
  ['::1', 6, [0, 0, 0, 1]],
  ['2001:db8::', 6, [0x20010db8, 0, 0, 0]],
  ['2001:DB8:1:2:3:4:5:6', 6, [0x20010db8, 0x00010002, 0x00030004, 0x00050006]],
  ['64:ff9b::192.0.2.1', 6, [0x0064ff9b, 0, 0, 0xc0000201]],
  ['fe80::1%eth0', 6, [0xfe800000, 0, 0, 1]],
] as const)('%s is read', (text, version, expected) => {
  const words = new Uint32Array(4)

  expect(parseIp(text, words)).toBe(version)
  expect([...words]).toEqual([...expected])
})

test.each([
  '',
  'localhost',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '256.1.1.1',
  '1.2.3.4 ',
  ':',
  ':::',
  '1::2::3',
  '12345::',
  '1:2:3:4:5:6:7:8:9',
  '1.2.3.4:80',
  '[::1]',
  '٣.1.1.1',
  'f'.repeat(70),
])('%p is no address', (text) => {
  expect(parseIp(text, new Uint32Array(4))).toBeUndefined()
})

test('what is an address to Node is one here, and nothing else', () => {
  const texts = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.stringMatching(/^[0-9a-f:.]{0,45}$/),
    fc.stringMatching(/^([0-9a-f]{0,4}::?){1,8}(\d{1,3}\.){0,3}[0-9a-f]{0,4}$/),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const version = parseIp(text, new Uint32Array(4))

      expect(version !== undefined).toBe(isIP(text) !== 0)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.1.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '64:ff9b::1',
  '100::1',
  'fc00::1',
  'fd12::1',
  'fe80::1',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:c000:201::1',
  '3fff::1',
  '4000::1',
])('%s is nobody’s on the internet', (text) => {
  expect(isGlobal(text)).toBe(false)
})

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.1',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '::ffff:8.8.8.8',
  '2001:200::1',
  '2001:4860:4860::8888',
  '2003::1',
  '2a02:8100::1',
  '2606:4700::1111',
  '3ffe::1',
])('%s can be somebody’s', (text) => {
  expect(isGlobal(text)).toBe(true)
})

function isGlobal(text: string): boolean {
  const words = new Uint32Array(4)
  const version = parseIp(text, words)
  if (version === undefined) throw new Error(`${text} is no address`)
  return isGlobalAddress(version, words)
}

test('of four decimal numbers the address is read that would be written so, of all other texts none', () => {
  const words = new Uint32Array(4)
  for (const text of ['0.0.0.0', '192.0.2.1', '255.255.255.255']) {
    parseIp(text, words)
    expect(parseIpv4(text)).toBe(words[3] ?? -1)
  }
  for (const text of ['', '1.2.3', '01.2.3.4', '1.2.3.4%eth0', '::ffff:1.2.3.4', '::', '1.2.3.4 '])
    expect(parseIpv4(text)).toBe(-1)
})
