import { expect, test } from 'bun:test'
import fc from 'fast-check'
import ICAL from 'ical.js'
import { parseContact, VCARD_VERSIONS } from './contact.ts'
import { vcard, vcardMediaType } from './vcard.ts'

const ADA = {
  prefix: 'Dr',
  firstName: 'Ada',
  lastName: 'Lovelace',
  org: 'Analytical; Engines, Ltd\\',
  department: 'Computing',
  title: 'Head',
  phones: [
    { number: '+44 20 7946 0000', type: 'work' },
    { number: '+44 7700 900123', type: 'mobile' },
    { number: '12', type: 'fax' },
    '13',
  ],
  emails: [{ address: 'ada@example.com', type: 'work' }, 'ada@example.org'],
  url: 'https://engines.example/a,b;c',
  address: { street: '12 Square\nBack door', city: 'London', zip: 'SW1', country: 'UK', type: 'home' },
  note: 'One, two; three\nfour\\n',
} as const

test('a contact as a vCard 3.0', () => {
  const contact = parseContact(ADA)

  expect(vcardMediaType(contact)).toBe('text/vcard; charset=utf-8; version=3.0')
  expect(vcard(contact).split('\r\n')).toEqual([
    'BEGIN:VCARD',
    'VERSION:3.0',
    'FN:Dr Ada Lovelace',
    'N:Lovelace;Ada;;Dr;',
    'ORG:Analytical\\; Engines\\, Ltd\\\\;Computing',
    'TITLE:Head',
    'TEL;TYPE=WORK,VOICE:+44 20 7946 0000',
    'TEL;TYPE=CELL,VOICE:+44 7700 900123',
    'TEL;TYPE=FAX:12',
    'TEL:13',
    'EMAIL;TYPE=INTERNET,WORK:ada@example.com',
    'EMAIL;TYPE=INTERNET:ada@example.org',
    'ADR;TYPE=HOME:;;12 Square\\nBack door;London;;SW1;UK',
    'URL:https://engines.example/a,b;c',
    'NOTE:One\\, two\\; three\\nfour\\\\n',
    'END:VCARD',
    '',
  ])
})

test('a contact as a vCard 4.0', () => {
  const contact = parseContact({ ...ADA, version: '4.0' })
  const lines = vcard(contact).split('\r\n')

  expect(vcardMediaType(contact)).toBe('text/vcard; charset=utf-8; version=4.0')
  expect(lines.slice(0, 2)).toEqual(['BEGIN:VCARD', 'VERSION:4.0'])
  expect(lines).toContain('EMAIL;TYPE=WORK:ada@example.com')
  expect(lines).toContain('EMAIL:ada@example.org')
})

test.each([
  { payload: { name: 'Ada Lovelace' }, n: 'N:;Ada Lovelace;;;' },
  { payload: { company: 'Engines' }, n: 'N:;;;;' },
  { payload: { name: 'A', company: 'Engines' }, n: 'N:;A;;;' },
  { payload: { lastName: 'L' }, n: 'N:L;;;;' },
])('a name that is not given in parts is not taken apart: $n', ({ payload, n }) => {
  expect(vcard(parseContact(payload)).split('\r\n')).toContain(n)
})

test('whatever is in a contact, a reader gets exactly that back, and no line has more than 75 bytes', () => {
  const line = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    .filter((text) => text.trim() === text && Array.from(text).length <= 100 && !/[\p{Zl}\p{Zp}]/u.test(text))
  // The reader leaves the backslash before a semicolon where no structured value needs it (RFC 6350 §3.4: it may).
  const plain = line.filter((text) => !text.includes(';'))
  const note = fc.array(plain, { minLength: 1, maxLength: 5 }).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(
      fc.record({ version: fc.constantFrom(...VCARD_VERSIONS), name: plain, city: line, note }),
      ({ version, name, city, note: text }) => {
        const file = vcard(parseContact({ version, name, address: { city }, note: text }))

        const card = new ICAL.Component(ICAL.parse(file) as unknown as unknown[])
        const address: unknown = card.getFirstPropertyValue('adr')
        expect([card.getFirstPropertyValue('fn'), card.getFirstPropertyValue('note')]).toEqual([name, text])
        expect(address).toEqual(['', '', '', city, '', '', ''])
        expect(
          card
            .getAllProperties()
            .map((property) => property.name)
            .join(),
        ).toBe('version,fn,n,adr,note')
        expect(file.split('\r\n').every((part) => Buffer.byteLength(part) <= 75)).toBe(true)
        expect(file.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      },
    ),
    { numRuns: 300 },
  )
})
