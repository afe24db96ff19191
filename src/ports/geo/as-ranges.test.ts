import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AsRanges, openAsRanges } from './as-ranges.ts'
import { parseIp } from './parse-ip.ts'

let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onehop-test-'))
})

afterAll(() => {
  rmSync(dir, { recursive: true })
})

test('an address is found in its range, from the first to the last, and in no other', () => {
  using ipv4 = open([
    '1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."',
    '1.0.4.0,1.0.7.255,4294967295,Gtelecom Pty Ltd',
    '8.8.8.8,8.8.8.8,15169,Google LLC',
  ])
  using ipv6 = open([
    '2001:db8::,2001:db8::ffff,64500,"LLC ""ПРИМЕР"""',
    '2001:db8:0:1::,2001:db8:0:1:ffff:ffff:ffff:ffff,64501,B',
  ])

  const cloudflare = { asn: 13_335, organization: 'Cloudflare, Inc.' }
  expect(find(ipv4, '1.0.0.0')).toEqual(cloudflare)
  expect(find(ipv4, '1.0.0.255')).toEqual(cloudflare)
  expect(find(ipv4, '::ffff:1.0.0.1')).toEqual(cloudflare)
  expect(find(ipv4, '1.0.5.5')).toEqual({ asn: 4_294_967_295, organization: 'Gtelecom Pty Ltd' })
  expect(find(ipv4, '8.8.8.8')).toEqual({ asn: 15_169, organization: 'Google LLC' })
  expect(find(ipv6, '2001:db8::1')).toEqual({ asn: 64_500, organization: 'LLC "ПРИМЕР"' })
  expect(find(ipv6, '2001:db8:0:1:8000::')).toEqual({ asn: 64_501, organization: 'B' })
  for (const ip of [
    '0.255.255.255',
    '1.0.1.0',
    '1.0.3.255',
    '8.8.8.7',
    '8.8.8.9',
    '255.255.255.255',
    '2001:db8::1',
  ])
    expect(find(ipv4, ip)).toBeUndefined()
  for (const ip of ['::', '2001:db7::', '2001:db8::1:0', 'ffff::', '1.0.0.1'])
    expect(find(ipv6, ip)).toBeUndefined()
})

test('lines that are no range are passed over', () => {
  using ranges = open([
    'first,last,number,name',
    '',
    '1.0.0.0,1.0.0.255,1,A',
    '2.0.0.9,2.0.0.1,3,backwards',
    '3.0.0.0,2001:db8::,4,two versions',
    '4.0.0.0,4.0.0.255,0,no number',
    '5.0.0.0,5.0.0.255,4294967296,too large',
    '6.0.0.0,6.0.0.255,AS6,no number',
    '7.0.0.0,7.0.0.255,7',
    '8.0.0.0,8.0.0.255,8,\r',
  ])

  expect(find(ranges, '1.0.0.200')).toEqual({ asn: 1, organization: 'A' })
  expect(find(ranges, '8.0.0.0')).toEqual({ asn: 8, organization: '' })
  for (const ip of ['1.0.1.1', '2.0.0.5', '3.0.0.0', '4.0.0.1', '5.0.0.1', '6.0.0.1', '7.0.0.1'])
    expect(find(ranges, ip)).toBeUndefined()
})

test('of a file of any size every line is found', () => {
  const networkOf = (index: number) => `${16 + (index >>> 16)}.${(index >>> 8) & 255}.${index & 255}`
  const nameOf = (index: number) => 'x'.repeat(index % 60)
  const count = 70_000
  using ranges = open(
    Array.from({ length: count }, (_, index) => {
      const network = networkOf(index)
      return `${network}.8,${network}.247,${index + 1},${nameOf(index)}`
    }),
  )

  for (let index = 0; index < count; index += 7) {
    const network = networkOf(index)
    const expected = { asn: index + 1, organization: nameOf(index) }
    expect(find(ranges, `${network}.8`)).toEqual(expected)
    expect(find(ranges, `${network}.247`)).toEqual(expected)
    expect(find(ranges, `${network}.7`)).toBeUndefined()
    expect(find(ranges, `${network}.248`)).toBeUndefined()
  }
})

test('nothing is found in an empty file, in another file, and in one that is closed', () => {
  const closed = open(['1.0.0.0,1.0.0.255,1,A'])
  closed[Symbol.dispose]()
  closed[Symbol.dispose]()
  using empty = open([])
  using other = open(['<html>', '</html>'])

  for (const ranges of [closed, empty, other]) expect(find(ranges, '1.0.0.1')).toBeUndefined()
})

test('a file that is not there is named', () => {
  expect(() => openAsRanges(join(dir, 'none.csv'))).toThrow('none.csv')
})

function open(lines: readonly string[]): AsRanges {
  const path = join(dir, `${crypto.randomUUID()}.csv`)
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return openAsRanges(path)
}

function find(ranges: AsRanges, ip: string) {
  const words = new Uint32Array(4)
  const version = parseIp(ip, words)
  if (version === undefined) throw new Error(`${ip} is no address`)
  return ranges.find(version, words)
}
