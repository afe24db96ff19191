import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { registrarUrl, registrationFromRdap } from './registration-from-rdap.ts'
import {
  cidrOf,
  countryOf,
  dayOf,
  hostOf,
  mailOf,
  publicText,
  rangeOf,
  statusOf,
} from './registration-values.ts'

const NAMES = [
  'entities',
  'roles',
  'vcardArray',
  'events',
  'status',
  'nameservers',
  'links',
  'secureDNS',
  'country',
]
const VALUES = [
  'registrant',
  'registrar',
  'abuse',
  'vcard',
  'fn',
  'adr',
  'email',
  'kind',
  'org',
  '2026-01-01',
]

test('no answer makes reading it fail, whatever it holds', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom<unknown>(...VALUES, null, 1, true),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.constantFrom(...NAMES, 'eventAction', 'eventDate', 'ldhName', 'rel'), tie('value')),
    ),
  }))

  fc.assert(
    fc.property(
      fc.constantFrom('domain', 'ip network'),
      fc.dictionary(fc.constantFrom(...NAMES), value),
      (kind, rest) => {
        const answer = { object: { ...rest, objectClassName: kind }, server: 'rdap.test' }
        expect(registrationFromRdap(answer)).toMatchObject({ source: 'rdap', server: 'rdap.test' })
        registrarUrl(answer)
      },
    ),
  )
})

test('an answer without end in its depth is read as far as it makes sense', () => {
  let entity: unknown = { roles: ['registrar'], vcardArray: ['vcard', [['fn', {}, 'text', 'too deep']]] }
  for (let depth = 0; depth < 5_000; depth++) entity = { roles: [], entities: [entity] }

  expect(
    registrationFromRdap({ object: { objectClassName: 'domain', entities: [entity] }, server: 's' }),
  ).toEqual({
    source: 'rdap',
    server: 's',
    status: [],
    nameServers: [],
  })
})

test.each([
  ['2027-08-13T04:00:00Z', '2027-08-13'],
  ['2026-01-16T23:30:00-0500', '2026-01-17'],
  ['2026-01-16T23:30:00-05:00', '2026-01-17'],
  ['2020-09-21', '2020-09-21'],
  ['2024/05/13 10:00:00 (JST)', '2024-05-13'],
  ['2024.05.13 10:00:00', '2024-05-13'],
  ['1999. 07. 26.', '1999-07-26'],
  ['19990518 #156573', '1999-05-18'],
  ['13.05.2024 12:00:00', '2024-05-13'],
  ['13/05/2024', '2024-05-13'],
  ['14-Jul-1998', '1998-07-14'],
  ['Tue Dec 12 2000', '2000-12-12'],
  ['Tue Dec 12 10:00:00 GMT 2000', '2000-12-12'],
  ['December 5, 2000', '2000-12-05'],
  ['before Aug-1996', undefined],
  ['2023-02-29', undefined],
  ['2023-13-01', undefined],
  ['0001-01-01', undefined],
  ['9999-12-31', undefined],
  ['123456789', undefined],
  ['not yet', undefined],
])('the day of %j is %p', (text, day) => {
  expect(dayOf(text)).toBe(day as string)
})

test.each([
  ['DE', 'DE'],
  ['us', 'US'],
  ['United States', 'US'],
  ['United States of America', 'US'],
  ['Germany', 'DE'],
  ['uk', 'GB'],
  ['Russia', 'RU'],
  ['Zimbabwe', 'ZW'],
  ['EU', undefined],
  ['ZZ', undefined],
  ['QQ', undefined],
  ['REDACTED FOR PRIVACY', undefined],
])('the country of %j is %p', (text, country) => {
  expect(countryOf(text)).toBe(country as string)
})

test.each([
  ['192.0.2.0', '192.0.2.255', '192.0.2.0/24'],
  ['192.0.2.0', '192.0.2.0', '192.0.2.0/32'],
  ['0.0.0.0', '255.255.255.255', '0.0.0.0/0'],
  ['192.0.2.0', '192.0.2.99', '192.0.2.0 - 192.0.2.99'],
  ['192.0.2.1', '192.0.2.255', '192.0.2.1 - 192.0.2.255'],
  ['2001:DB8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::/32'],
  ['192.0.2.9', '192.0.2.1', undefined],
  ['192.0.2.0', '2001:db8::', undefined],
  ['x', 'y', undefined],
])('the network from %s to %s is %p', (first, last, range) => {
  expect(rangeOf(first, last)).toBe(range as string)
})

test('other values are what they are, or nothing', () => {
  expect(cidrOf('200.3.12/22')).toBe('200.3.12.0/22')
  expect(cidrOf('192.0.2.77/24')).toBe('192.0.2.0/24')
  expect(cidrOf('192.0.2.0/33')).toBeUndefined()
  expect(statusOf('clientTransferProhibited https://icann.org/epp#clientTransferProhibited')).toBe(
    'client transfer prohibited',
  )
  expect(statusOf('ok')).toBe('active')
  expect(hostOf('NS1.Example.COM.')).toBe('ns1.example.com')
  expect(hostOf('192.0.2.1')).toBeUndefined()
  expect(hostOf('bücher.example [192.0.2.1]')).toBe('xn--bcher-kva.example')
  expect(mailOf('mailto:abuse@example.com')).toBe('abuse@example.com')
  expect(mailOf('<script>@example.com')).toBeUndefined()
  expect(publicText(`a\u0000b\u001b[31m ${'x'.repeat(300)}`)).toHaveLength(200)
  expect(publicText('Data Redacted')).toBeUndefined()
})
