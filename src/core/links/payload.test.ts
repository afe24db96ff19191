import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DomainError } from '#core/errors.ts'
import { parsePayload, payloadSummary, type PayloadKind } from './payload.ts'
import { parseWifi, wifiString } from './wifi.ts'

/** The problems a payload is refused with, `field problem` each. */
function problemsOf(kind: PayloadKind, payload: unknown): readonly string[] {
  try {
    parsePayload(kind, payload)
  } catch (error) {
    if (error instanceof DomainError && error.code === 'payload-invalid') {
      const { problems } = (error as DomainError<'payload-invalid'>).details
      return problems.map(({ field, problem }) => `${field} ${problem}`)
    }
    throw error
  }
  throw new Error('it was accepted')
}

test.each<{ given: object; kept: object }>([
  {
    given: { ssid: 'MyNet', encryption: 'WPA', password: 'secret123' },
    kept: { ssid: 'MyNet', encryption: 'WPA', password: 'secret123', hidden: false },
  },
  {
    given: { ssid: ' é ', encryption: 'wpa2', password: 'a'.repeat(63), hidden: true },
    kept: { ssid: ' é ', encryption: 'WPA', password: 'a'.repeat(63), hidden: true },
  },
  {
    given: { ssid: 'n', password: `${'0123456789abcdefABCDEF'.repeat(2)}01234567890123456789` },
    kept: {
      ssid: 'n',
      encryption: 'WPA',
      password: `${'0123456789abcdefABCDEF'.repeat(2)}01234567890123456789`,
      hidden: false,
    },
  },
  {
    given: { ssid: 'Café', encryption: 'open', password: '', hidden: null },
    kept: { ssid: 'Café', encryption: 'nopass', hidden: false },
  },
  { given: { ssid: 'n' }, kept: { ssid: 'n', encryption: 'nopass', hidden: false } },
  {
    given: { ssid: 'n', encryption: 'WPA3', password: 'x' },
    kept: { ssid: 'n', encryption: 'SAE', password: 'x', hidden: false },
  },
  ...['12345', '1234567890123', '1234567890123456', '12345abcde', 'a'.repeat(26), 'F'.repeat(32)].map(
    (password) => ({
      given: { ssid: 'n', encryption: 'WEP', password },
      kept: { ssid: 'n', encryption: 'WEP', password, hidden: false },
    }),
  ),
])('a network is kept as its phone needs it, row %#', ({ given, kept }) => {
  expect(parsePayload('wifi', given)).toEqual({ kind: 'wifi', ...kept } as never)
})

const WPA_PROBLEM = 'password must have 8 to 63 characters, or be 64 hexadecimal digits'
const WEP_PROBLEM = 'password must have 5, 13 or 16 characters, or 10, 26 or 32 hexadecimal digits'

test.each([
  { payload: {}, problems: ['ssid is required'] },
  { payload: { ssid: '' }, problems: ['ssid must have 1 to 32 bytes of UTF-8'] },
  { payload: { ssid: 'é'.repeat(17) }, problems: ['ssid must have 1 to 32 bytes of UTF-8'] },
  { payload: { ssid: 'a\nb' }, problems: ['ssid must be one line without control characters'] },
  { payload: { ssid: 'a\u2028b' }, problems: ['ssid must be one line without control characters'] },
  { payload: { ssid: '\ud800' }, problems: ['ssid must be one line without control characters'] },
  { payload: { ssid: 'n', encryption: 'WPA' }, problems: ['password is required'] },
  { payload: { ssid: 'n', encryption: 'SAE', password: '' }, problems: ['password is required'] },
  { payload: { ssid: 'n', password: '1234567' }, problems: [WPA_PROBLEM] },
  { payload: { ssid: 'n', password: 'a'.repeat(64) + 'g' }, problems: [WPA_PROBLEM] },
  { payload: { ssid: 'n', password: 'g'.repeat(64) }, problems: [WPA_PROBLEM] },
  { payload: { ssid: 'n', encryption: 'WEP', password: '123456' }, problems: [WEP_PROBLEM] },
  { payload: { ssid: 'n', encryption: 'WEP', password: '123456789g' }, problems: [WEP_PROBLEM] },
  {
    payload: { ssid: 'n', encryption: 'SAE', password: 'x'.repeat(129) },
    problems: ['password must have 1 to 128 characters'],
  },
  {
    payload: { ssid: 'n', encryption: 'WPA-EAP', password: 'secret123' },
    problems: ['encryption must be one of WPA, WEP, nopass, SAE'],
  },
  {
    payload: { ssid: 'n', encryption: 'nopass', password: 'secret123' },
    problems: ['password must be left out of a network that has none'],
  },
  { payload: { ssid: 'n', hidden: 'yes' }, problems: ['hidden must be true or false'] },
  {
    payload: { ssid: 7, pass: 'x', __proto__: null, Ssid: 'n' },
    problems: [
      'ssid must be text',
      'pass is not a field of this kind of link',
      'Ssid is not a field of this kind of link',
    ],
  },
  { payload: [], problems: [' must be an object'] },
  { payload: 'n', problems: [' must be an object'] },
  { payload: null, problems: [' is required for wifi'] },
])('a network is refused: $problems', ({ payload, problems }) => {
  expect(problemsOf('wifi', payload).toSorted()).toEqual(problems.toSorted())
})

test.each([
  {
    network: { ssid: 'MyNet', encryption: 'WPA', password: 'secret123' },
    text: 'WIFI:T:WPA;S:MyNet;P:secret123;;',
  },
  {
    network: { ssid: '"foo;bar\\baz"', hidden: true },
    text: 'WIFI:T:nopass;S:\\"foo\\;bar\\\\baz\\";H:true;;',
  },
  {
    network: { ssid: 'a,b:c', encryption: 'SAE', password: ';P:x;;' },
    text: 'WIFI:T:SAE;S:a\\,b\\:c;P:\\;P\\:x\\;\\;;;',
  },
])('a phone joins by $text', ({ network, text }) => {
  expect(wifiString(parseWifi(network))).toBe(text)
})

test('whatever a network and its password are called, a reader gets both back', () => {
  const printable = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(printable, printable, (ssid, password) => {
      const text = wifiString({ kind: 'wifi', ssid, encryption: 'SAE', password, hidden: false })
      // As ZXing reads it: fields end at the first semicolon without a backslash.
      const fieldsRead = [...text.slice('WIFI:'.length).matchAll(/([TSPH]):((?:\\.|[^\\;])*);/gsu)].map(
        ([, name, value = '']) => [name, value.replace(/\\(.)/gsu, '$1')],
      )
      expect(fieldsRead).toEqual([
        ['T', 'SAE'],
        ['S', ssid],
        ['P', password],
      ])
    }),
  )
})

test('a text keeps its lines and blanks, with one kind of line end', () => {
  expect(parsePayload('text', { text: ' a\r\n\tb\rc\n\n' })).toEqual({ kind: 'text', text: ' a\n\tb\nc\n\n' })
  const longest = '🎉'.repeat(10_000)
  expect(parsePayload('text', { text: longest })).toEqual({ kind: 'text', text: longest })
})

test.each([
  { payload: {}, problem: 'text is required' },
  { payload: { text: null }, problem: 'text is required' },
  { payload: { text: ' \n\t' }, problem: 'text is required' },
  { payload: { text: 'x'.repeat(10_001) }, problem: 'text must have at most 10000 characters' },
  { payload: { text: 'a\u0007' }, problem: 'text must not contain control characters' },
  { payload: { text: 'a\0' }, problem: 'text must not contain control characters' },
  { payload: { text: ['a'] }, problem: 'text must be text' },
  { payload: { text: 'a', content: 'b' }, problem: 'content is not a field of this kind of link' },
])('a text is refused: $problem, row %#', ({ payload, problem }) => {
  expect(problemsOf('text', payload)).toEqual([problem])
})

test('a contact has many fields, each in one spelling once it is kept', () => {
  const kept = {
    kind: 'vcard',
    version: '4.0',
    fullName: 'Dr Ada King Lovelace FRS',
    prefix: 'Dr',
    givenName: 'Ada',
    middleName: 'King',
    familyName: 'Lovelace',
    suffix: 'FRS',
    organization: 'Analytical Engines',
    department: 'Computing',
    jobTitle: 'Head',
    phones: [
      { number: '+44 20 7946 0000', type: 'work' },
      { number: '+44 (0)20 7946-0001 x12' },
      { number: '+44 7700 900123', type: 'mobile' },
    ],
    emails: [{ address: 'Ada@Example.com', type: 'work' }],
    urls: ['https://engines.example/'],
    addresses: [
      {
        street: '12 Square\nBack door',
        city: 'London',
        region: 'LDN',
        postalCode: 'SW1',
        country: 'UK',
        type: 'home',
      },
    ],
    note: 'One\nTwo',
  }
  const { kind: _, ...asKept } = kept
  const { emails, addresses } = kept

  const canonical = parsePayload('vcard', asKept)
  const spelled = parsePayload('vcard', {
    version: '4.0',
    prefix: ' Dr ',
    firstName: 'Ada',
    middleName: 'King',
    lastName: 'Lovelace',
    suffix: 'FRS',
    company: 'Analytical Engines',
    department: 'Computing',
    title: 'Head',
    phone: [{ number: '+44 20 7946 0000', type: 'Work' }, '+44 (0)20 7946-0001 x12'],
    mobile: '+44 7700 900123',
    email: emails[0],
    website: 'https://engines.example/',
    address: {
      ...addresses[0],
      region: undefined,
      state: 'LDN',
      postalCode: undefined,
      zip: 'SW1',
      street: '12 Square\r\nBack door',
    },
    note: 'One\r\nTwo',
    org: '',
    fullName: null,
  })

  expect(canonical).toEqual(kept as never)
  expect(spelled).toEqual(kept as never)
})

test('what a form sends blank is none', () => {
  const blank = {
    phone: '',
    email: [' ', null],
    url: null,
    address: { street: '', city: ' ' },
    note: '\n',
    org: '',
  }

  expect(parsePayload('vcard', { name: 'Ada', ...blank })).toEqual(parsePayload('vcard', { name: 'Ada' }))
})

test.each([
  { payload: { name: 'Ada Lovelace' }, fullName: 'Ada Lovelace' },
  { payload: { firstName: 'Ada' }, fullName: 'Ada' },
  { payload: { lastName: 'Lovelace', org: 'Engines' }, fullName: 'Lovelace' },
  { payload: { org: 'Engines' }, fullName: 'Engines' },
  { payload: { fullName: 'Countess', firstName: 'Ada' }, fullName: 'Countess' },
])('a contact is called $fullName', ({ payload, fullName }) => {
  expect(parsePayload('vcard', payload)).toMatchObject({
    version: '3.0',
    fullName,
    phones: [],
    addresses: [],
  })
})

test.each([
  { payload: {}, problems: ['fullName is required, or parts of a name, or an organization'] },
  {
    payload: { phone: '1', name: ' ' },
    problems: ['fullName is required, or parts of a name, or an organization'],
  },
  { payload: { name: 'x'.repeat(101) }, problems: ['name must have at most 100 characters'] },
  { payload: { name: 'a\r\nTEL:1' }, problems: ['name must be one line without control characters'] },
  { payload: { name: 'a', fullName: 'b' }, problems: ['name must not be given beside fullName'] },
  { payload: { name: 'a', org: 'b', company: 'c' }, problems: ['company must not be given beside org'] },
  {
    payload: { name: 'a', address: { region: 'x', state: 'y', postalCode: '1', zip: '1' } },
    problems: ['address.0.state must not be given beside region'],
  },
  { payload: { name: 'a', version: '2.1' }, problems: ['version must be one of 3.0, 4.0'] },
  {
    payload: { name: 'a', phone: ['x', { number: '' }], mobile: 'call me' },
    problems: [
      'phone.0.number must be a telephone number',
      'phone.1.number is required',
      'mobile.0.number must be a telephone number',
    ],
  },
  {
    payload: { name: 'a', phones: { number: '1', type: 'pager' } },
    problems: ['phones.0.type must be one of mobile, work, home, fax, cell'],
  },
  { payload: { name: 'a', phone: 5 }, problems: ['phone.0 must be an object'] },
  {
    payload: { name: 'a', phone: { num: '1' } },
    problems: ['phone.0.number is required', 'phone.0.num is not a field of this kind of link'],
  },
  { payload: { name: 'a', phones: Array(11).fill('1') }, problems: ['phones must have at most 10 entries'] },
  {
    payload: { name: 'a', phones: Array(10).fill('1'), mobile: '2' },
    problems: ['phones must have at most 10 entries'],
  },
  {
    payload: { name: 'a', email: 'ada' },
    problems: ['email.0.address must be an e-mail address such as name@example.com'],
  },
  {
    payload: { name: 'a', url: 'javascript:alert(1)' },
    problems: ['url.0.url must be an absolute http(s) URL'],
  },
  {
    payload: { name: 'a', website: 'data:text/html,x' },
    problems: ['website.0.url must be an absolute http(s) URL'],
  },
  {
    payload: { name: 'a', note: 'x'.repeat(1_001) },
    problems: ['note must have at most 1000 characters'],
  },
  {
    payload: { name: 'a', first_name: 'b', birthday: '1815-12-10' },
    problems: [
      'first_name is not a field of this kind of link',
      'birthday is not a field of this kind of link',
    ],
  },
])('a contact is refused: $problems', ({ payload, problems }) => {
  expect(problemsOf('vcard', payload).toSorted()).toEqual(problems.toSorted())
})

test('a refusal is of bounded size', () => {
  const payload = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`${n}${'x'.repeat(5_000)}`, n]))

  const problems = problemsOf('text', payload)

  expect(problems).toHaveLength(20)
  expect(problems.every((problem) => problem.length < 120)).toBe(true)
})

test.each([
  { kind: 'wifi', payload: { ssid: 'MyNet' }, summary: 'MyNet' },
  { kind: 'vcard', payload: { firstName: 'Ada', lastName: 'Lovelace' }, summary: 'Ada Lovelace' },
  { kind: 'text', payload: { text: '\n  \n first line \nsecond' }, summary: 'first line' },
  { kind: 'text', payload: { text: '🎉'.repeat(100) }, summary: '🎉'.repeat(100) },
  { kind: 'text', payload: { text: '🎉'.repeat(101) }, summary: `${'🎉'.repeat(99)}…` },
] as const)('$kind is summed up in one bounded line, row %#', ({ kind, payload, summary }) => {
  expect(payloadSummary(parsePayload(kind, payload))).toBe(summary)
})
