import { expect, test } from 'bun:test'
import { readText, refusalOf } from '#testing/read-sample.ts'
import { SOURCE_SAMPLES } from '#testing/source-samples.ts'

test('several origins, AS_SETs and both are told apart', () => {
  const { rows } = readText('caida-pfx2as', SOURCE_SAMPLES['caida-pfx2as'])

  expect(rows).toEqual([
    {
      kind: 'prefix-origin',
      version: 4,
      first: 0x01000000,
      last: 0x010000ff,
      prefixLength: 24,
      origins: [64500],
      hasSet: false,
    },
    {
      kind: 'prefix-origin',
      version: 4,
      first: 0x01000400,
      last: 0x010007ff,
      prefixLength: 22,
      origins: [64501, 64502],
      hasSet: false,
    },
    {
      kind: 'prefix-origin',
      version: 4,
      first: 0x06000000,
      last: 0x06ffffff,
      prefixLength: 8,
      origins: [64503, 64504],
      hasSet: true,
    },
    {
      kind: 'prefix-origin',
      version: 4,
      first: 0x08080800,
      last: 0x080808ff,
      prefixLength: 24,
      origins: [64505, 64506, 64507],
      hasSet: true,
    },
  ])
})

test('the whole space of either version is a prefix', () => {
  expect(readText('caida-pfx2as', '0.0.0.0\t0\t64500\n').rows[0]).toMatchObject({
    first: 0,
    last: 0xffffffff,
  })
  expect(readText('caida-pfx2as-v6', '::\t0\t64500\n').rows[0]).toMatchObject({
    first: 0n,
    last: 2n ** 128n - 1n,
  })
  expect(readText('caida-pfx2as-v6', '::ffff:0.0.0.0\t96\t64500\n').rows[0]).toMatchObject({
    version: 6,
    first: 0xffffn << 32n,
  })
})

test.each([
  ['caida-pfx2as', '1.0.0.0\t33\t5\n', 'does not begin with a prefix of IPv4'],
  ['caida-pfx2as', '2001::\t32\t5\n', 'does not begin with a prefix of IPv4'],
  ['caida-pfx2as-v6', '1.0.0.0\t24\t5\n', 'does not begin with a prefix of IPv6'],
  ['caida-pfx2as', '1.0.0.0\t24\t5_\n', 'has no origin'],
  ['caida-pfx2as', '1.0.0.0\t24\t0\n', 'has no origin'],
  ['caida-pfx2as', '1.0.0.0/24 5\n', 'has fewer than three fields with tabs between them'],
])('%s %p is refused', (source, text, reason) => {
  expect(refusalOf(source, text)).toContain(`line 1 ${reason}`)
})
