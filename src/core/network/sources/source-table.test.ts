import { expect, test } from 'bun:test'
import { findSource, sourceNames, SOURCES } from './source-table.ts'

test('every name that the design promises is a source', () => {
  const promised = [
    'caida-as-rel',
    'caida-as-rel-v6',
    'caida-as-org',
    'caida-ppdc',
    'caida-pfx2as',
    'caida-pfx2as-v6',
    'delegated',
    'ripe-asnames',
    'bgptools-asns',
    'bgptools-tag:vpn',
    'x4bnet-vpn',
    'x4bnet-datacenter',
    'tor-exits',
    'cloud:aws',
    'cloud:somebody-new',
    'mmdb:mine',
  ]

  expect(promised.filter((name) => findSource(name)?.name !== name)).toEqual([])
})

test.each([
  '',
  'nothing',
  'cloud:',
  'cloud:../etc',
  'mmdb:UPPER',
  'mmdb:a_b',
  `cloud:${'x'.repeat(41)}`,
  'tag:x',
  'cloud:a:b',
])('%p is no source', (name) => {
  expect(findSource(name)).toBeUndefined()
})

test('the table is sound: names once, parts once, plausible bounds, patterns that can find several files', () => {
  expect(new Set(SOURCES.map(({ name }) => name)).size).toBe(SOURCES.length)
  for (const { name, parts, terms } of SOURCES) {
    expect([name, parts.length > 0]).toEqual([name, true])
    expect(new Set(parts.map((part) => part.name)).size).toBe(parts.length)
    expect(parts.length === 1).toBe(parts[0]?.name === '')
    expect(name.startsWith('caida-')).toBe(terms !== undefined)
    for (const { location, plausibleRows } of parts) {
      expect(plausibleRows[0]).toBeLessThan(plausibleRows[1])
      expect(location?.url).toMatch(/^https:\/\//)
      if (location?.kind === 'listing') expect(location.pattern.flags).toContain('g')
    }
  }
  expect(sourceNames()).toContain('mmdb:<name>')
})
