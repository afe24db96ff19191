import { expect, test } from 'bun:test'
import { getUsage } from '#core/billing/usage.ts'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { setPlan, setRemaining } from '#core/billing/set-plan.ts'
import { frontServer, parseAnswer } from '#testing/front-server.ts'
import { sampleNetwork } from '#testing/network-sample.ts'
import { testApp, type TestAppOptions } from '#testing/test-app.ts'
import { testNetwork } from '#testing/test-network.ts'

/** The application behind real sockets, as `serve` puts it there. */
async function aServer(options: TestAppOptions = {}) {
  const stack = new AsyncDisposableStack()
  const app = stack.use(await testApp({ network: await sampleNetwork(), ...options }))
  const account = await app.givenAccount({ plan: 'Starter', key: { dialect: 'ipgeolocation' } })
  const { services } = app.app
  const teamId = (await findPersonalTeamId(services.db, account.user.id)) ?? 0
  const front = stack.use(frontServer(app))
  const { secret } = account.key

  return {
    app,
    services,
    teamId,
    secret,
    atOnce: front.atOnce,
    passedOn: front.passedOn,
    send: front.send,
    get: front.get,
    /** Make enough lookups that credits are leased. */
    async warmUp() {
      for (let i = 0; i < 100; i++) await app.request(`/v3/asn?asn=24940&apiKey=${secret}`)
      await this.refresh()
    },
    /** Have the key asked for anew: it is known for half a second from now. */
    async refresh() {
      services.emit({ kind: 'access-changed' })
      await app.request(`/v3/asn?asn=24940&apiKey=${secret}`)
    },
    used: async () => {
      await app.app.lookupCredits[Symbol.asyncDispose]()
      return (await getUsage(services, teamId, 'lookup-credits')).used
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

test.each(['(', ')', '[', ']', '{', '}', '|', '^', '`'])(
  'the character %s is refused in a name, a value, the key and the path',
  async (character) => {
    await using server = await aServer()
    await server.warmUp()
    for (const target of [
      `/v3/asn?asn=24940&apiKey=${server.secret}&x${character}=1`,
      `/v3/asn?apiKey=${server.secret}&asn=24940${character}`,
      `/v3/asn?asn=24940&apiKey=${character}${server.secret}`,
      `/v3/asn${character}?asn=24940&apiKey=${server.secret}`,
    ]) {
      const { status, body } = parseAnswer(await server.get(target))
      expect([status, body]).toEqual([400, '{"message":"Invalid character found in the request target."}'])
    }
  },
)

test('the same characters escaped are let through to what they mean', async () => {
  await using server = await aServer()
  const { status, body } = parseAnswer(
    await server.get(`/v3/asn?ip=%5B%7B%7C%5E%60%7D%5D&apiKey=${server.secret}`),
  )
  expect([status, JSON.parse(body)]).toEqual([
    400,
    { message: "Provided name, service or IP address '[{|^`}]' is not valid." },
  ])
})

test('an answer from the wire is the one that the request would have got otherwise', async () => {
  await using server = await aServer()
  await server.warmUp()
  for (const { query, headers = '' } of [
    { query: 'asn=24940' },
    { query: 'ip=78.46.0.1' },
    { query: 'ip=2a01%3A4f8::1' },
    { query: 'asn=65600&output=xml' },
    { query: 'asn=24940', headers: 'Accept: text/xml\r\n' },
    { query: 'asn=24940', headers: 'Accept: application/json;q=0.1\r\nAccept: application/xml\r\n' },
    { query: 'asn=24940&fields=asn.country,asn.rir&excludes=asn.rir' },
    { query: 'asn=24940', headers: 'X-Request-Id: mine-1\r\n' },
  ]) {
    const target = `/v3/asn?apiKey=${server.secret}&${query}`
    await server.refresh()
    const before = server.atOnce.length
    const ready = parseAnswer(await server.get(target, headers))
    expect(server.atOnce).toHaveLength(before + 1)
    const fields = headers
      .split('\r\n')
      .filter(Boolean)
      .map((line) => line.split(': ') as [string, string])
    const usual = await server.app.request(target, { headers: fields })

    expect([ready.status, ready.body]).toEqual([usual.status, await usual.text()])
    const { date, connection, 'content-length': length, 'x-request-id': id, ...rest } = ready.headers
    const { 'x-request-id': usualId = '', ...others } = Object.fromEntries(usual.headers)
    expect(rest).toEqual(others)
    expect(Number(length)).toBe(Buffer.byteLength(ready.body))
    expect(id?.length).toBe(usualId.length)
    expect([connection, typeof date]).toEqual(['close', 'string'])
  }
})

test('however a lookup is written, from the wire it is answered as it would have been otherwise', async () => {
  await using server = await aServer()
  await server.warmUp()
  const key = `apiKey=${server.secret}`
  for (const query of [
    `ip=78.46.0.1&${key}`,
    `${key}&ip=78.46.0.1&`,
    `&${key}&&ip=78.46.0.1`,
    `${key}&${key}&ip=78.46.0.1`,
    `${key}&ip=78.46.0.1&ip=8.8.8.8`,
    `${key}&ip=78.46.0.1&asn=24940`,
    `${key}&ip=`,
    `${key}&ip`,
    `${key}&ip==78.46.0.1`,
    `${key}&ip=78.46.0.01`,
    `${key}&ip=78.46.0`,
    `${key}&ip=1.0.0.256`,
    `${key}&ip=78.46.0.1.`,
    `${key}&ip=+78.46.0.1`,
    `${key}&ip=%378.46.0.1`,
    `${key}&ip=example.com`,
    `${key}&ip=2a01:4f8::1`,
    `${key}&ip=::ffff:78.46.0.1`,
    `${key}&IP=78.46.0.1`,
    `${key}&ip=78.46.0.1&other=1`,
    `apikey=${server.secret}&ip=78.46.0.1`,
    `apiKey=${server.secret}x&ip=78.46.0.1`,
    `apiKey=%${server.secret.charCodeAt(0).toString(16)}${server.secret.slice(1)}&ip=78.46.0.1`,
    `apiKey=&ip=78.46.0.1`,
  ]) {
    await server.refresh()
    const { status, body } = parseAnswer(await server.get(`/v3/asn?${query}`))
    const usual = await server.app.request(`/v3/asn?${query}`, { ip: '127.0.0.1' })

    expect([query, status, body]).toEqual([query, usual.status, await usual.text()])
  }
  expect(server.atOnce.slice(0, 2)).toEqual([`/v3/asn?ip=78.46.0.1&${key}`, `/v3/asn?${key}&ip=78.46.0.1&`])
})

test('keys that take turns are told apart', async () => {
  await using server = await aServer()
  const other = await server.app.givenAccount({ plan: 'Starter', key: { dialect: 'ipgeolocation' } })
  await server.warmUp()
  await server.app.request(`/v3/asn?asn=24940&apiKey=${other.key.secret}`)
  const nearly = server.secret.slice(0, -1) + (server.secret.endsWith('0') ? '1' : '0')
  server.app.logged.length = 0

  const statuses = []
  for (const secret of [server.secret, other.key.secret, nearly, server.secret, other.key.secret])
    statuses.push(parseAnswer(await server.get(`/v3/asn?apiKey=${secret}&ip=78.46.0.1`)).status)

  expect(statuses).toEqual([200, 200, 401, 200, 200])
  const teams = server.app.logged.map((line) => (JSON.parse(line) as { teamId?: number }).teamId)
  expect(new Set([teams[0], teams[3]])).toEqual(new Set([server.teamId]))
  expect(teams[1]).toBe(teams[4])
  expect(teams[1]).not.toBe(server.teamId)
})

test('an answer from the wire is made of the newest data', async () => {
  let current = await sampleNetwork()
  await using server = await aServer({ networkData: { view: () => current } })
  await server.warmUp()
  const ask = async () =>
    JSON.parse(parseAnswer(await server.get(`/v3/asn?apiKey=${server.secret}&asn=24940`)).body)

  expect(await ask()).toMatchObject({ asn: { organization: 'Hetzner Online GmbH' } })
  expect(await ask()).toMatchObject({ asn: { organization: 'Hetzner Online GmbH' } })
  current = await testNetwork([
    {
      name: 'ripe-asnames',
      rows: [
        { kind: 'as-name', asn: 24940, handle: 'NEW', name: 'New Holder', country: 'AT', networkClass: '' },
      ],
    },
  ])

  const expected = {
    asn: { as_number: 'AS24940', organization: 'New Holder', country: 'AT', asn_name: 'NEW' },
  }
  expect(await ask()).toEqual(expected)
  expect(server.atOnce).toHaveLength(3)
})

test('text beyond ASCII arrives whole from the wire', async () => {
  await using server = await aServer()
  await server.warmUp()

  const { headers, body } = parseAnswer(await server.get(`/v3/asn?apiKey=${server.secret}&asn=65601`))

  expect(server.atOnce).toHaveLength(1)
  expect(JSON.parse(body)).toMatchObject({ asn: { organization: 'Gemüse & Söhne 🥕' } })
  expect(Number(headers['content-length'])).toBe(Buffer.byteLength(body))
})

test('requests that come together are answered each and charged each, from the wire or not', async () => {
  await using server = await aServer()
  await server.warmUp()
  const request = (query: string, last = false) =>
    `GET /v3/asn?apiKey=${server.secret}&${query} HTTP/1.1\r\nHost: s.test\r\n${last ? 'Connection: close\r\n' : ''}\r\n`

  const answers = await server.send(
    request('asn=24940') + request('asn=1') + request('asn=24940') + request('asn=24940&include=peers', true),
  )

  expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual([
    '200',
    '404',
    '200',
    '200',
  ])
  expect(server.atOnce).toHaveLength(2)
  expect(await server.used()).toBe(104)
})

test('nothing is answered from the wire that has to be refused', async () => {
  await using server = await aServer()
  await server.warmUp()
  const ask = async (target: string) => parseAnswer(await server.get(target)).status

  expect(await ask(`/v3/asn?apiKey=${server.secret}&ip=10.0.0.1`)).toBe(423)
  expect(await ask(`/v3/asn?apiKey=wrong&asn=24940`)).toBe(401)
  expect(await ask(`/v3/asn?asn=24940`)).toBe(401)
  await setPlan(server.services, server.teamId, 'Free')
  expect(await ask(`/v3/asn?apiKey=${server.secret}&asn=24940`)).toBe(401)
  await setPlan(server.services, server.teamId, 'Starter')
  await server.used()
  await setRemaining(server.services, server.teamId, 'lookup-credits', 0)
  expect(await ask(`/v3/asn?apiKey=${server.secret}&asn=24940`)).toBe(429)
  expect(server.atOnce).toEqual([])
})

test('lookups from the wire are logged like all others, without their query', async () => {
  await using server = await aServer()
  await server.warmUp()
  server.app.logged.length = 0

  await server.get(`/v3/asn?apiKey=${server.secret}&asn=24940`, 'X-Request-Id: mine-2\r\n')

  expect(server.app.logged.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({
      requestId: 'mine-2',
      api: 'ipgeolocation',
      method: 'GET',
      path: '/v3/asn',
      status: 200,
      ip: '127.0.0.1',
      teamId: server.teamId,
    }),
  ])
  expect(server.app.logged.join('')).not.toContain(server.secret)
})

test('HTTP of another version is refused before any API is reached', async () => {
  await using server = await aServer()
  for (const version of ['HTTP/2.0', 'HTTP/1.2', 'HTTP/0.9'])
    expect(parseAnswer(await server.send(`GET /v3/asn ${version}\r\nHost: s.test\r\n\r\n`)).status).toBe(505)
  const old = parseAnswer(
    await server.send(`GET /v3/asn?asn=24940&apiKey=${server.secret} HTTP/1.0\r\nHost: s.test\r\n\r\n`),
  )
  expect(old.status).toBe(200)
})

test('a method that HTTP knows and the contract does not is not named in its refusal', async () => {
  await using server = await aServer()
  const { status, body } = parseAnswer(
    await server.send('TRACE /v3/asn HTTP/1.1\r\nHost: s.test\r\nConnection: close\r\n\r\n'),
  )
  expect([status, JSON.parse(body)]).toEqual([405, { message: 'Request method is not supported' }])
})
