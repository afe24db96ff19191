import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DomainError } from '#core/errors.ts'
import { consensusOf } from './address-report.ts'
import { parseLookupTarget } from './lookup-target.ts'

test.each([
  { text: ' 8.8.8.8 ', ip: '8.8.8.8', version: 4 },
  { text: '2001:DB8::0:1', ip: '2001:db8::1', version: 6 },
  { text: '[2001:db8::1]', ip: '2001:db8::1', version: 6 },
  { text: '::ffff:192.0.2.1', ip: '192.0.2.1', version: 4 },
  { text: 'me', ip: '198.51.100.7', version: 4 },
  { text: 'ME', ip: '198.51.100.7', version: 4 },
] as const)('"$text" is the address $ip', ({ text, ip, version }) => {
  expect(parseLookupTarget(text, '198.51.100.7')).toMatchObject({ kind: 'ip', ip, version })
})

test.each([
  { text: 'GitHub.com', domain: 'github.com', registrable: 'github.com', publicSuffix: 'com' },
  { text: 'www.bbc.co.uk.', domain: 'www.bbc.co.uk', registrable: 'bbc.co.uk', publicSuffix: 'co.uk' },
  { text: 'someone.github.io', domain: 'someone.github.io', registrable: 'github.io', publicSuffix: 'io' },
  { text: 'co.uk', domain: 'co.uk', registrable: undefined, publicSuffix: 'co.uk' },
  {
    text: '_dmarc.example.com',
    domain: '_dmarc.example.com',
    registrable: 'example.com',
    publicSuffix: 'com',
  },
  {
    text: 'bücher.example',
    domain: 'xn--bcher-kva.example',
    registrable: 'xn--bcher-kva.example',
    publicSuffix: 'example',
  },
  {
    text: '例え。テスト',
    domain: 'xn--r8jz45g.xn--zckzah',
    registrable: 'xn--r8jz45g.xn--zckzah',
    publicSuffix: 'xn--zckzah',
  },
])('"$text" is the domain $domain', ({ text, ...domain }) => {
  expect(parseLookupTarget(text)).toMatchObject({ kind: 'domain', ...domain })
})

test('a domain is known in the form that people write', () => {
  expect(parseLookupTarget('xn--bcher-kva.example')).toMatchObject({ unicode: 'bücher.example' })
  expect(parseLookupTarget('bücher.example')).toMatchObject({ unicode: 'bücher.example' })
})

test.each([
  '',
  '.',
  'me',
  'localhost',
  '1.2.3',
  '0x7f.1',
  '1.2.3.4.5',
  'a..b',
  'a b.com',
  'example.com/',
  'example.com\\x',
  'ex%61mple.com',
  'a\tb.com',
  '１.２.３.４',
  'example.com／x',
  'x.onion',
])('"%s" is none', (text) => {
  expect(() => parseLookupTarget(text)).toThrow(DomainError)
})

test('whatever is typed is an address, a domain that resolvers can be asked for, or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.domain(), fc.ipV6(), fc.webUrl()), (text) => {
      try {
        const target = parseLookupTarget(text, '198.51.100.7')
        if (target.kind === 'domain') expect(target.domain).toMatch(/^[a-z0-9_.-]{3,253}$/)
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
      }
    }),
  )
})

test.each([
  { countries: [], country: '', votes: 0, voters: 0 },
  { countries: ['', 'DE'], country: 'DE', votes: 1, voters: 1 },
  { countries: ['DE', 'FR', 'FR'], country: 'FR', votes: 2, voters: 3 },
  { countries: ['DE', 'FR'], country: 'DE', votes: 1, voters: 2 },
])('databases that say $countries agree on "$country"', ({ countries, ...consensus }) => {
  expect(consensusOf(countries.map((country) => ({ country })))).toEqual(consensus)
})
