import { expect, test } from 'bun:test'
import { type AsTraits, concludeType, domainInName } from './as-types.ts'

const NOTHING: AsTraits = {
  names: [],
  networkClass: '',
  tags: new Set(),
  isListedDatacenter: false,
  customers: 0,
}

test.each<{ what: string; traits: Partial<AsTraits>; type: string | undefined }>([
  { what: 'nothing', traits: {}, type: undefined },
  {
    what: 'a tier-1 network with access networks',
    traits: { networkClass: 'T1', tags: new Set(['dsl', 'vpn']) },
    type: 'ISP',
  },
  { what: 'a tag vpn alone', traits: { tags: new Set(['vpn', 'anycast', 'a10k']) }, type: undefined },
  { what: 'a scrubbing centre', traits: { tags: new Set(['vpn', 'ddosm']) }, type: 'HOSTING' },
  {
    what: 'a hoster that sells DSL too',
    traits: { networkClass: 'Content', tags: new Set(['dsl']) },
    type: 'HOSTING',
  },
  {
    what: 'an access network on a list of datacenters',
    traits: { networkClass: 'Eyeball', isListedDatacenter: true },
    type: 'ISP',
  },
  {
    what: 'a list of datacenters',
    traits: { isListedDatacenter: true, names: ['Foo Bank'] },
    type: 'HOSTING',
  },
  { what: 'a university of the government', traits: { tags: new Set(['gov', 'uni']) }, type: 'GOVERNMENT' },
  { what: 'a university', traits: { names: ['Universität Zürich'] }, type: 'EDUCATION' },
  { what: 'a ministry', traits: { names: ['Ministry of Health'] }, type: 'GOVERNMENT' },
  { what: 'a hoster by name', traits: { names: ['HETZNER-CLOUD', 'Hetzner Cloud'] }, type: 'HOSTING' },
  { what: 'a telecom by name', traits: { names: ['Acme Telecommunications'] }, type: 'ISP' },
  { what: 'a bank', traits: { names: ['Banco do Brasil S.A.'] }, type: 'BUSINESS' },
  {
    what: 'a name that only contains such a word',
    traits: { names: ['Cloudless Bankside'] },
    type: undefined,
  },
  { what: 'many customers', traits: { customers: 10 }, type: 'ISP' },
])('$what: $type', ({ traits, type }) => {
  expect(concludeType({ ...NOTHING, ...traits })?.type).toBe(type as never)
})

test.each([
  { name: 'Amazon.com, Inc.', domain: 'amazon.com' },
  { name: 'Booking.com BV', domain: 'booking.com' },
  { name: 'Telefonica S.A.', domain: undefined },
  { name: 'Mail for example.com', domain: undefined },
  { name: '', domain: undefined },
])('the domain in "$name" is $domain', ({ name, domain }) => {
  expect(domainInName(name)).toBe(domain)
})
