import { expect, test } from 'bun:test'
import { DomainError } from '#core/errors.ts'
import { NAMES, ROUTES, RELATIONSHIPS, sampleNetwork } from '#testing/network-sample.ts'
import { testNetwork } from '#testing/test-network.ts'
import { testApp, type TestAppOptions } from '#testing/test-app.ts'
import { startWhoisServer } from '#testing/whois-server.ts'

const HETZNER = {
  as_number: 'AS24940',
  organization: 'Hetzner Online GmbH',
  country: 'DE',
  type: 'HOSTING',
  date_allocated: '2002-06-03',
  asn_name: 'HETZNER-AS',
  allocation_status: 'ASSIGNED',
  num_of_ipv4_routes: '2',
  num_of_ipv6_routes: '1',
  rir: 'RIPE',
}
const PEERS = [
  { as_number: 'AS28792', description: 'Public Internet Ltd', country: 'GB' },
  { as_number: 'AS34309', description: 'Link11 GmbH', country: 'DE' },
  { as_number: 'AS58057', description: 'Securebit AG', country: 'CH' },
]
const ROUTE_LIST = ['78.46.0.0/15', '138.199.128.0/17', '2a01:4f8::/32']
const UPSTREAMS = [
  { as_number: 'AS12552', description: 'GlobalConnect AB', country: 'SE' },
  { as_number: 'AS58057', description: 'Securebit AG', country: 'CH' },
]
const DOWNSTREAMS = [
  { as_number: 'AS198167', description: 'Apptc.me s.r.o.', country: 'CZ' },
  { as_number: 'AS209148', description: 'Securepoint GmbH', country: 'DE' },
]
const RECORD =
  '#\n# ARIN WHOIS data and services are subject to the Terms of Use\n#\n\nASNumber:       24940\n'

const NOT_READY = {
  view(): never {
    throw new DomainError('network-data-loading', { retryAfterS: 5 })
  },
}

async function aCaller(options: TestAppOptions = {}) {
  const app = await testApp({ network: await sampleNetwork(), ...options })
  const account = await app.givenAccount({ plan: 'Starter', key: { dialect: 'ipgeolocation' } })
  const { secret } = account.key
  return {
    app,
    account,
    secret,
    /** Ask with the key. */
    ask: (query: string, init: RequestInit & { readonly ip?: string } = {}) =>
      app.request(`/v3/asn?apiKey=${secret}${query === '' ? '' : `&${query}`}`, init),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

test('a lookup by number shows the documented fields, in their order, and costs a credit', async () => {
  await using caller = await aCaller()

  const response = await caller.ask('asn=AS24940')

  expect(response.status).toBe(200)
  expect(response.headers.get('x-credits-charged')).toBe('1')
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.text()).toBe(JSON.stringify({ asn: HETZNER }))
})

test('a lookup by address begins with the address', async () => {
  await using caller = await aCaller()

  for (const [ip, shown] of [
    ['78.46.1.2', '78.46.1.2'],
    ['2a01:4f8:0:0::1', '2a01:4f8::1'],
    ['::ffff:78.46.1.2', '78.46.1.2'],
    ['%2078.46.1.2%20', '78.46.1.2'],
  ] as const)
    expect(await (await caller.ask(`ip=${ip}`)).text()).toBe(JSON.stringify({ ip: shown, asn: HETZNER }))
})

test.each(['', 'ip=', 'ip=%20%20', 'asn=', 'ip=&asn=%20'])(
  'without address and number (%s) the caller is looked up',
  async (query) => {
    await using caller = await aCaller()

    const response = await caller.ask(query, { ip: '138.199.128.9' })

    expect(await response.json()).toEqual({ ip: '138.199.128.9', asn: HETZNER })
  },
)

test.each(['24940', 'AS24940', 'as24940', 'As024940', '%2024940'])(
  'the number may be written %s',
  async (asn) => {
    await using caller = await aCaller()
    expect(await (await caller.ask(`asn=${asn}`)).json()).toEqual({ asn: HETZNER })
  },
)

test('every module can be included, and comes in the order of the example', async () => {
  await using whois = await startWhoisServer(() => RECORD)
  await using caller = await aCaller({ whoisPort: whois.port })

  const response = await caller.ask(
    'asn=24940&include=whois_response,%20downstreams,nonsense,upstreams,routes,peers,Peers',
  )

  expect(await response.text()).toBe(
    JSON.stringify({
      asn: {
        ...HETZNER,
        peers: PEERS,
        routes: ROUTE_LIST,
        upstreams: UPSTREAMS,
        downstreams: DOWNSTREAMS,
        whois_response: RECORD,
      },
    }),
  )
  expect(response.headers.get('x-credits-charged')).toBe('1')
  expect(whois.queries).toEqual(['AS24940'])
})

test('one module of several, unknown ones ignored, in each documented combination', async () => {
  await using caller = await aCaller()
  const modules = { peers: PEERS, downstreams: DOWNSTREAMS, upstreams: UPSTREAMS, routes: ROUTE_LIST }
  for (const include of ['', 'peers', 'peers,downstreams', 'peers,downstreams,upstreams,routes', 'nothing']) {
    const expected = Object.fromEntries(
      Object.entries(modules).filter(([name]) => include.split(',').includes(name)),
    )
    const answer = await caller.ask(`asn=24940&include=${include}`)
    expect(await answer.json()).toEqual({ asn: { ...HETZNER, ...expected } })
  }
})

test('a registry that does not answer is replaced by local data, which say so in the first line', async () => {
  await using whois = await startWhoisServer(() => '')
  await using caller = await aCaller({ whoisPort: whois.port })

  const response = await caller.ask('asn=24940&include=whois_response&fields=asn.whois_response')
  const { asn } = (await response.json()) as { asn: { whois_response: string } }

  expect(response.status).toBe(200)
  expect(asn.whois_response.split('\n')).toEqual([
    '% Not from a live WHOIS server (127.0.0.1 said nothing): written by Onehop from local registry data.',
    '% Source: CAIDA AS Organizations (2026-01-01)',
    '% Source: Registries: delegated-extended (2026-01-01)',
    '',
    'ASNumber:   24940',
    'ASName:     HETZNER-AS',
    'OrgName:    Hetzner Online GmbH',
    'Country:    DE',
    'RegDate:    2002-06-03',
    'Status:     ASSIGNED',
    'Registry:   RIPE',
    '',
  ])
})

test('what is not known is left out: empty lists would be a lie', async () => {
  const network = await testNetwork([NAMES])
  await using caller = await aCaller({ network })

  const response = await caller.ask('asn=24940&include=peers,upstreams,downstreams,routes')

  expect(await response.json()).toEqual({
    asn: {
      as_number: 'AS24940',
      organization: 'Hetzner Online GmbH',
      country: 'DE',
      asn_name: 'HETZNER-AS',
    },
  })
})

test('a list that is known to be empty is empty', async () => {
  await using caller = await aCaller({ network: await testNetwork([NAMES, RELATIONSHIPS, ROUTES]) })

  const response = await caller.ask(
    'asn=209148&include=peers,downstreams,routes&fields=asn.peers,asn.downstreams,asn.routes',
  )

  expect(await response.json()).toEqual({ asn: { peers: [], routes: [], downstreams: [] } })
})

const { organization, country, rir, ...others } = HETZNER

test.each<{ query: string; shown: unknown }>([
  { query: 'fields=asn.country', shown: { asn: { country } } },
  { query: 'fields=asn.organization,asn.country', shown: { asn: { organization, country } } },
  { query: 'fields=asn.country,asn.organization', shown: { asn: { organization, country } } },
  { query: 'fields=asn.country&fields=asn.rir', shown: { asn: { country, rir } } },
  { query: 'fields=%20asn.country%20,,', shown: { asn: { country } } },
  { query: 'fields=', shown: { asn: HETZNER } },
  { query: 'fields=,', shown: { asn: HETZNER } },
  { query: 'fields=asn', shown: { asn: HETZNER } },
  { query: 'fields=asn,asn.organization', shown: { asn: HETZNER } },
  { query: 'fields=asn.organization,asn', shown: { asn: HETZNER } },
  { query: 'fields=asn.country,asn.nonsense,nonsense.country,ASN.rir', shown: { asn: { country } } },
  { query: 'fields=nonsense', shown: {} },
  { query: 'fields=ip', shown: {} },
  { query: 'fields=asn.domain', shown: { asn: {} } },
  { query: 'fields=asn.country.name', shown: {} },
  { query: 'fields=asn.constructor,constructor,__proto__', shown: {} },
  { query: 'excludes=asn.organization,asn.country,asn.rir', shown: { asn: others } },
  { query: 'excludes=asn', shown: {} },
  { query: 'excludes=ip', shown: { asn: HETZNER } },
  { query: 'excludes=nonsense,asn.nonsense', shown: { asn: HETZNER } },
  { query: 'fields=asn.country,asn.rir&excludes=asn.rir', shown: { asn: { country } } },
  { query: 'fields=asn.country&excludes=asn.country', shown: { asn: {} } },
  { query: 'fields=asn&excludes=asn', shown: { asn: {} } },
  { query: 'fields=asn.country&excludes=asn', shown: {} },
  { query: 'include=peers&fields=asn.peers&excludes=asn.peers', shown: { asn: { peers: [] } } },
  { query: 'include=peers&fields=asn.country', shown: { asn: { country } } },
  { query: 'fields=asn.peers', shown: { asn: {} } },
  {
    query: 'include=upstreams&fields=asn.upstreams.as_number',
    shown: { asn: { upstreams: [{ as_number: 'AS12552' }, { as_number: 'AS58057' }] } },
  },
  {
    query: 'include=upstreams&fields=asn.upstreams&excludes=asn.upstreams.description',
    shown: {
      asn: {
        upstreams: [
          { as_number: 'AS12552', country: 'SE' },
          { as_number: 'AS58057', country: 'CH' },
        ],
      },
    },
  },
])('$query shows what it names; the address always', async ({ query, shown }) => {
  await using caller = await aCaller()

  expect(await (await caller.ask(`asn=24940&${query}`)).json()).toEqual(shown)
  expect(await (await caller.ask(`ip=78.46.0.1&${query}`)).json()).toEqual({
    ip: '78.46.0.1',
    ...(shown as object),
  })
})

test('names of parameters count with their case; unknown ones are let pass', async () => {
  await using caller = await aCaller()

  const response = await caller.ask('asn=24940&ASN=1&Include=peers&FIELDS=asn.rir&Output=xml&x=y')

  expect(await response.json()).toEqual({ asn: HETZNER })
})

const XML = `<LinkedHashMap><ip>78.46.0.1</ip><asn><as_number>AS24940</as_number><organization>Hetzner Online GmbH</organization><country>DE</country><type>HOSTING</type><date_allocated>2002-06-03</date_allocated><asn_name>HETZNER-AS</asn_name><allocation_status>ASSIGNED</allocation_status><num_of_ipv4_routes>2</num_of_ipv4_routes><num_of_ipv6_routes>1</num_of_ipv6_routes><rir>RIPE</rir><routes>78.46.0.0/15</routes><routes>138.199.128.0/17</routes><routes>2a01:4f8::/32</routes><upstreams><as_number>AS12552</as_number><description>GlobalConnect AB</description><country>SE</country></upstreams><upstreams><as_number>AS58057</as_number><description>Securebit AG</description><country>CH</country></upstreams></asn></LinkedHashMap>`

test('XML has the same in a LinkedHashMap, lists as repeated elements', async () => {
  await using caller = await aCaller()

  const response = await caller.ask('ip=78.46.0.1&include=upstreams,routes&output=xml')

  expect(response.headers.get('content-type')).toBe('application/xml')
  expect(await response.text()).toBe(XML)
})

test.each<{ output?: string; accept?: string; type: string }>([
  { type: 'application/json' },
  { output: 'json', type: 'application/json' },
  { output: 'xml', type: 'application/xml' },
  { output: 'XML', type: 'application/xml' },
  { output: 'yaml', type: 'application/json' },
  { output: 'yaml', accept: 'application/xml', type: 'application/json' },
  { output: '', accept: 'application/xml', type: 'application/xml' },
  { output: 'json', accept: 'application/xml', type: 'application/json' },
  { output: 'xml', accept: 'application/json', type: 'application/xml' },
  { accept: 'application/json', type: 'application/json' },
  { accept: 'application/xml', type: 'application/xml' },
  { accept: 'Application/XML; q=0.9', type: 'application/xml' },
  { accept: 'text/xml', type: 'text/xml;charset=UTF-8' },
  { accept: '*/*', type: 'application/json' },
  { accept: 'application/*', type: 'application/json' },
  { accept: 'application/xml;q=0.5, application/json;q=0.8', type: 'application/json' },
  { accept: 'application/json;q=0, application/xml;q=0.1', type: 'application/xml' },
  { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', type: 'application/xml' },
  { accept: 'image/png', type: 'application/json' },
  { accept: ';;,,q=', type: 'application/json' },
])('output=$output with Accept: $accept is $type', async ({ output, accept, type }) => {
  await using caller = await aCaller()

  const response = await caller.ask(`asn=24940${output === undefined ? '' : `&output=${output}`}`, {
    headers: accept === undefined ? {} : { accept },
  })

  expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
  expect(await response.text()).toStartWith(type.includes('xml') ? '<LinkedHashMap><asn>' : '{"asn":{')
})

test('XML escapes what is markup, and has only characters that it can have', async () => {
  const text = 'a & <b> ]]> "q"\r\n\u0000\u0007\u001b[31m \ud800 \uffff ü 🎉\t'
  await using whois = await startWhoisServer(() => text)
  await using caller = await aCaller({ whoisPort: whois.port })

  const named = await caller.ask('asn=65600&output=xml&fields=asn.organization')
  const raw = await caller.ask('asn=65600&output=xml&include=whois_response&fields=asn.whois_response')

  expect(await named.text()).toBe(
    '<LinkedHashMap><asn><organization>Fish &amp; Chips &lt;Ltd&gt;</organization></asn></LinkedHashMap>',
  )
  const body = await raw.text()
  expect(body).toContain('a &amp; &lt;b&gt; ]]&gt; "q"\n\uFFFD\uFFFD\uFFFD[31m ')
  expect(body).toContain(' ü 🎉\t')
  // oxlint-disable-next-line no-control-regex -- the ones XML 1.0 has no way to say
  expect(body).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/)
})

test('while the data are being prepared, lookups are told to come back', async () => {
  await using app = await testApp({ networkData: NOT_READY })
  const { key } = await app.givenAccount({ plan: 'Starter', key: { dialect: 'ipgeolocation' } })

  const response = await app.request(`/v3/asn?asn=1&apiKey=${key.secret}`)

  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await response.json()).toEqual({
    message: 'Service temporarily unavailable. Please try again later.',
  })
})

test('a bug is a fixed answer in the chosen format, and its detail is in the log alone', async () => {
  const broken = {
    view(): never {
      throw new Error('a detail nobody should see')
    },
  }
  await using caller = await aCaller({ networkData: broken })

  const response = await caller.ask('asn=24940&output=xml')

  expect(response.status).toBe(500)
  expect(await response.text()).toBe(
    '<LinkedHashMap><message>Something went wrong on the server side.</message></LinkedHashMap>',
  )
  expect(caller.app.logged.join('')).toContain('a detail nobody should see')
})

test('a key is never in the log', async () => {
  await using caller = await aCaller()

  await caller.ask('asn=24940')

  expect(caller.app.logged.join('')).toContain('"path":"/v3/asn"')
  expect(caller.app.logged.join('')).not.toContain(caller.secret)
})
