import { expect, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { authenticateKey } from '#core/accounts/api-keys.ts'
import { confirmTwoFactor, enrolTwoFactor } from '#core/accounts/two-factor.ts'
import { openSpoolReader } from '#core/clicks/spool-reader.ts'
import { parseTargetUrl } from '#core/links/link.ts'
import { updateLink } from '#core/links/manage-links.ts'
import { openClickDatabase } from '#db/open-database.ts'
import manifest from '#package.json' with { type: 'json' }
import { runOnehop, type ServerProcess, startServerProcess } from '#testing/server-process.ts'
import { totpCode } from '#testing/two-factor.ts'

const CREDENTIALS = { email: 'you@example.com', password: 'correct horse' }
const STOP_LIMIT_MS = 10_000

test('a server that is up says in one line which release answers where, and where its data is', async () => {
  await using fixture = await aServer({
    ONEHOP_BASE_URL: 'https://go.example',
    SMTP_URL: 'smtp://mail.example',
  })

  const { exitCode, stdout } = await fixture.server.end('SIGTERM')

  expect(exitCode).toBe(0)
  expect(stdout).toBe(
    `Onehop ${manifest.version} at https://go.example (listening on 127.0.0.1:${fixture.server.port}, data in ${fixture.dir})\n`,
  )
})

test('a stopping server finishes what was begun, stores what was clicked, and ends well', async () => {
  await using fixture = await aServer()
  const { server } = fixture
  const { slug } = await fixture.givenLink()
  const body = JSON.stringify({ email: 'late@example.com', password: 'correct horse' })
  const upload = await openConversation(server.port)
  upload.send(
    `POST /api/v1/auth/register HTTP/1.1\r\nHost: s.test\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
  )
  await sleep(100)
  await fixture.get(`/${slug}`)

  const startedMs = performance.now()
  const ended = server.end('SIGTERM')
  await sleep(600)
  upload.send(body.slice(20))
  const answer = await upload.received()
  const { exitCode } = await ended

  expect(answer).toStartWith('HTTP/1.1 201 ')
  expect(exitCode).toBe(0)
  expect(performance.now() - startedMs).toBeLessThan(STOP_LIMIT_MS)
  expect(await fixture.clickCounts()).toEqual([1])
})

test('a server whose client never finishes its request stops all the same', async () => {
  await using fixture = await aServer()
  const upload = await openConversation(fixture.server.port)
  upload.send(
    `POST /api/v1/auth/register HTTP/1.1\r\nHost: s.test\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
  )
  await sleep(100)

  const startedMs = performance.now()
  const { exitCode } = await fixture.server.end('SIGTERM')

  expect(exitCode).toBe(0)
  expect(performance.now() - startedMs).toBeLessThan(STOP_LIMIT_MS)
})

test('a stopping server says that it is not ready', async () => {
  await using fixture = await aServer()
  const upload = await openConversation(fixture.server.port)
  upload.send(`POST /api/v1/auth/login HTTP/1.1\r\nHost: s.test\r\nContent-Length: 1000\r\n\r\n{`)
  await sleep(100)
  const ready = await fixture.get('/readyz')

  const ended = fixture.server.end('SIGTERM')
  const answers: { status: number; body: unknown }[] = []
  while (answers.at(-1)?.status !== 503) {
    const response = await fixture.get('/readyz').catch(() => undefined)
    if (response === undefined) break
    answers.push({ status: response.status, body: await response.json() })
  }
  upload.close()
  await ended

  expect(ready.status).toBe(200)
  expect(answers.at(-1)).toEqual({
    status: 503,
    body: { ready: false, checks: expect.objectContaining({ accepting: 'the server is stopping' }) },
  })
})

test('/healthz, /readyz and /metrics answer', async () => {
  await using fixture = await aServer()
  const { slug } = await fixture.givenLink()
  await fixture.get(`/${slug}`)

  const health = await fixture.get('/healthz')
  const ready = await fixture.get('/readyz')
  const metrics = await fixture.get('/metrics')

  expect([health.status, await health.text()]).toEqual([200, 'ok\n'])
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { ready: true, checks: { accepting: 'ok', database: 'ok', spool: 'ok', clicks: 'ok', deliveries: 'ok' } },
  ])
  expect([metrics.status, metrics.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ])
  expect((await metrics.text()).split('\n')).toContain('onehop_redirects_total{outcome="redirected"} 1')
})

test('a second server on the same data directory is refused', async () => {
  await using fixture = await aServer()

  const second = await runOnehop(['serve'], { ONEHOP_DATA_DIR: fixture.dir, PORT: '0', HOST: '127.0.0.1' })

  expect(second).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `onehop: A server (process ${fixture.server.pid}) is already running on the data directory ${fixture.dir}. Stop it first, or give this one a directory of its own with ONEHOP_DATA_DIR.\n`,
  })
  expect((await fixture.get('/healthz')).status).toBe(200)
})

test('a port that is taken is a sentence, not a stack', async () => {
  await using fixture = await aServer()
  using dir = aDirectory()

  const second = await runOnehop(['serve'], {
    ONEHOP_DATA_DIR: dir.path,
    PORT: String(fixture.server.port),
    HOST: '127.0.0.1',
  })

  expect(second.exitCode).toBe(1)
  expect(second.stderr).toMatch(/^onehop: .*\n$/)
})

test('a bad configuration is answered with all its problems', async () => {
  using dir = aDirectory()
  const dataDir = join(dir.path, 'data')

  const { exitCode, stdout, stderr } = await runOnehop(['serve'], {
    ONEHOP_DATA_DIR: dataDir,
    PORT: 'eighty',
    ONEHOP_BASE_URL: 'ftp://go.example',
    ONEHOP_TRUST_PROXY: '-1',
  })

  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toStartWith('The configuration has 3 problems:\n')
  for (const problem of ['PORT=eighty ', 'ONEHOP_BASE_URL=ftp://go.example ', 'ONEHOP_TRUST_PROXY=-1 '])
    expect(stderr).toContain(`\n  ${problem}`)
  expect(existsSync(dataDir)).toBe(false)
})

test.each(['db', 'clickDb'] as const)('a %s from the future is refused and left alone', async (handle) => {
  using dir = aDirectory()
  const env = { ONEHOP_DATA_DIR: dir.path, PORT: '0', HOST: '127.0.0.1' }
  {
    await using open = await openServices(parseConfig(env).config)
    const table = handle === 'db' ? 'migration' : 'click_migration'
    await sql`insert into ${sql.table(table)} (name, timestamp) values ('9999-flying-cars', '2099-01-01')`.execute(
      open.databases[handle],
    )
  }

  const { exitCode, stderr } = await runOnehop(['serve'], env)

  expect(exitCode).toBe(1)
  expect(stderr).toBe(
    'onehop: The database was written by a newer release (it has had 9999-flying-cars). Start that release, or restore a backup made before the upgrade.\n',
  )
})

test('without a host name in the Host header every path is a bad request', async () => {
  await using fixture = await aServer()
  const { slug } = await fixture.givenLink()
  await fixture.get(`/${slug}`)
  const hosts = [
    '',
    'a b',
    'u:p@h',
    'h/healthz?',
    'h\\healthz',
    'h?healthz',
    'h#f',
    'h\u00e9',
    'h:99999',
    'h%2fhealthz',
  ]

  for (const header of ['', ...hosts.map((host) => `Host: ${host}\r\n`)])
    for (const path of [`/${slug}`, '/healthz', '/api/v1/links', '/nothing', '/']) {
      const request = `GET ${path} HTTP/1.1\r\n${header}Connection: close\r\n\r\n`
      const [status] = (await exchange(fixture.server.port, request)).split('\r\n')
      expect([request, status]).toEqual([request, 'HTTP/1.1 400 Bad Request'])
    }
})

test('a request target is taken as it was written: decoded, normalized or guessed at nowhere', async () => {
  await using fixture = await aServer()
  const { slug } = await fixture.givenLink()
  const ask = (method: string, target: string) =>
    exchange(
      fixture.server.port,
      `${method} ${target} HTTP/1.1\r\nHost: s.test\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    )
  const statusOf = async (target: string) => Number((await ask('GET', target)).slice(9, 12))

  expect(await statusOf(`/${slug}`)).toBe(302)
  expect(await statusOf(`/${slug}?%zz`)).toBe(302)
  expect(await statusOf(`http://elsewhere.example/${slug}`)).toBe(302)
  for (const target of [
    `/%${slug.charCodeAt(0).toString(16)}${slug.slice(1)}`,
    `/${slug}%`,
    `/${slug}%00`,
    `/%zz`,
    `/%ff%fe`,
    `/${slug}/`,
    `/${slug}/b`,
    `/a.b`,
    `/a/b`,
    `//${slug}`,
    `/${slug};x`,
    `/${slug}\u00fc`,
  ])
    expect([target, await statusOf(target)]).toEqual([target, 404])
})

test('HEAD on a short link answers as GET does; other methods are refused', async () => {
  await using fixture = await aServer()
  const { slug } = await fixture.givenLink()
  const ask = (method: string) =>
    exchange(
      fixture.server.port,
      `${method} /${slug} HTTP/1.1\r\nHost: s.test\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    )

  expect(await ask('HEAD')).toMatch(
    /^HTTP\/1\.1 302 .*\r\nLocation: https:\/\/example\.com\/1\r\n.*\r\n\r\n$/s,
  )
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    expect(await ask(method)).toMatch(/^HTTP\/1\.1 405 .*\r\nallow: GET, HEAD\r\n/is)
})

test('requests that are pipelined are all answered, in their order', async () => {
  await using fixture = await aServer()
  const { slug } = await fixture.givenLink()
  const targets = [`/${slug}`, '/nothing', `/${slug}?2`, '/healthz', `/${slug}?3`]
  const statuses = [302, 404, 302, 200, 302]

  const answers = await exchange(
    fixture.server.port,
    targets
      .map(
        (target, index) =>
          `GET ${target} HTTP/1.1\r\nHost: s.test\r\n${index === targets.length - 1 ? 'Connection: close\r\n' : ''}\r\n`,
      )
      .join(''),
  )

  expect([...answers.matchAll(/HTTP\/1\.1 (\d+) /g)].map((match) => Number(match[1]))).toEqual(statuses)
})

test('an account made on the command line works at once, and one that is blocked there is refused at once', async () => {
  await using fixture = await aServer()
  const key = await fixture.givenKey()
  const ask = () => fixture.get('/api/v1/links', { authorization: `Bearer ${key}` })

  expect((await ask()).status).toBe(200)
  expect(await fixture.run('user', 'block', CREDENTIALS.email)).toMatchObject({ exitCode: 0 })
  expect((await ask()).status).toBe(403)
  expect(await fixture.run('user', 'unblock', CREDENTIALS.email)).toMatchObject({ exitCode: 0 })
  expect((await ask()).status).toBe(200)
})

test('a password and a second factor can be taken over on the command line', async () => {
  await using fixture = await aServer()
  const key = await fixture.givenKey()
  await using open = await openServices(parseConfig({ ONEHOP_DATA_DIR: fixture.dir }).config)
  const ctx = { ...open.services, actor: await authenticateKey(open.services, key) }
  const { secret } = await enrolTwoFactor(ctx, { password: CREDENTIALS.password, clientKey: 'test' })
  const code = totpCode(secret, new Date())
  await confirmTwoFactor(ctx, { password: CREDENTIALS.password, clientKey: 'test', code })
  const logIn = async (password: string) => {
    const body = JSON.stringify({ email: CREDENTIALS.email, password })
    const response = await fetch(`http://127.0.0.1:${fixture.server.port}/api/auth/token`, {
      method: 'POST',
      body,
    })
    return [response.status, (await response.json()).error]
  }
  expect(await logIn(CREDENTIALS.password)).toEqual([401, 'needs_2fa'])

  const off = await fixture.run('user', 'two-factor-off', CREDENTIALS.email)
  const again = await fixture.run('user', 'two-factor-off', CREDENTIALS.email)
  const short = await fixture.run('user', 'password', CREDENTIALS.email, '--password', 'short')
  const missing = await fixture.run('user', 'password', CREDENTIALS.email)
  const changed = await fixture.run('user', 'password', CREDENTIALS.email, '--password', 'battery staple')

  expect([off.exitCode, off.stdout]).toEqual([0, 'you@example.com logs in with the password alone.\n'])
  expect([again.exitCode, again.stderr]).toEqual([1, 'onehop: two-factor authentication is not on\n'])
  expect([short.exitCode, missing.exitCode, changed.exitCode]).toEqual([1, 2, 0])
  expect(await logIn(CREDENTIALS.password)).toEqual([401, 'invalid_credentials'])
  expect(await logIn('battery staple')).toEqual([200, undefined])
})

test('a redirect follows what another process changed within a second', async () => {
  await using fixture = await aServer()
  const { id, slug, key } = await fixture.givenLink()
  await fixture.get(`/${slug}`)

  await using open = await openServices(parseConfig({ ONEHOP_DATA_DIR: fixture.dir }).config)
  const ctx = { ...open.services, actor: await authenticateKey(open.services, key) }
  await updateLink(ctx, { id }, { target: parseTargetUrl('https://example.com/2') })
  const changedMs = performance.now()
  let location: string | null = null
  while (location !== 'https://example.com/2' && performance.now() - changedMs < 5_000) {
    await sleep(10)
    location = (await fixture.get(`/${slug}`)).headers.get('location')
  }

  expect(location).toBe('https://example.com/2')
  expect(performance.now() - changedMs).toBeLessThan(1_000)
})

test.each([
  { trusted: '0', forwarded: '203.0.113.7', seen: '127.0.0.1' },
  { trusted: '1', forwarded: '198.51.100.1, 203.0.113.7', seen: '203.0.113.7' },
  { trusted: '1', forwarded: '[2001:db8::7]:4711', seen: '2001:db8::7' },
  { trusted: '1', forwarded: 'unknown', seen: '127.0.0.1' },
])(
  'with ONEHOP_TRUST_PROXY=$trusted and X-Forwarded-For: $forwarded the client is $seen',
  async ({ trusted, forwarded, seen }) => {
    await using fixture = await aServer({ ONEHOP_TRUST_PROXY: trusted })
    const { slug } = await fixture.givenLink()

    await fixture.get(`/${slug}`, { 'x-forwarded-for': forwarded })

    expect(fixture.clickAddresses()).toEqual([seen])
  },
)

test('a server that listens on IPv6 knows its clients by their plain addresses', async () => {
  await using fixture = await aServer({ HOST: '::' })
  const { slug } = await fixture.givenLink()

  const six = await fetch(`http://[::1]:${fixture.server.port}/${slug}`, { redirect: 'manual' })
  const four = await fetch(`http://127.0.0.1:${fixture.server.port}/${slug}`, { redirect: 'manual' })

  expect([six.status, four.status]).toEqual([302, 302])
  expect(fixture.clickAddresses()).toEqual(['::1', '127.0.0.1'])
})

test('a host that is bound to an API serves that API alone', async () => {
  await using fixture = await aServer({ ONEHOP_API_HOSTS: 'lnk7=api.example' })
  const { slug, key } = await fixture.givenLink()
  const ask = (host: string, path: string) =>
    exchange(
      fixture.server.port,
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n\r\n`,
    )

  expect(await ask('go.example', `/${slug}`)).toStartWith('HTTP/1.1 302 ')
  expect(await ask('API.example:8080', '/api/v1/links')).toStartWith('HTTP/1.1 200 ')
  expect(await ask('api.example', `/${slug}`)).toMatch(/^HTTP\/1\.1 404 .*\{"detail":"[^"]+"\}$/s)
})

interface ServerFixture extends AsyncDisposable {
  readonly server: ServerProcess
  /** Its data directory. */
  readonly dir: string
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Run a command on its data directory. */
  run(...args: readonly string[]): ReturnType<typeof runOnehop>
  /** The secret of a key of a new account, made on the command line. */
  givenKey(): Promise<string>
  /** A link to https://example.com/1, made through the API. */
  givenLink(): Promise<{ readonly id: number; readonly slug: string; readonly key: string }>
  /** The clicks of the links that have any. */
  clickCounts(): Promise<readonly number[]>
  /** Whom the clicks came from, in order. */
  clickAddresses(): readonly string[]
}

async function aServer(env: Readonly<Record<string, string>> = {}): Promise<ServerFixture> {
  const dir = aDirectory()
  const server = await startServerProcess({ dataDir: dir.path, env }).catch((error: unknown) => {
    dir[Symbol.dispose]()
    throw error
  })
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`http://127.0.0.1:${server.port}${path}`, { headers, redirect: 'manual' })
  const run = (...args: readonly string[]) => runOnehop(args, { ONEHOP_DATA_DIR: dir.path })

  async function givenKey(): Promise<string> {
    await run('user', 'add', CREDENTIALS.email, '--password', CREDENTIALS.password)
    const { stdout } = await run('key', 'create', CREDENTIALS.email, '--api', 'lnk7')
    return stdout.trimEnd().split('\n').at(-1) ?? ''
  }

  return {
    server,
    dir: dir.path,
    get,
    run,
    givenKey,
    async givenLink() {
      const register = await post('/api/v1/auth/register', CREDENTIALS)
      expect(register.status).toBe(201)
      const { token } = await (await post('/api/v1/auth/login', CREDENTIALS)).json()
      const created = await post('/api/v1/links', { original_url: 'https://example.com/1' }, token)
      const { id, short_code } = await created.json()
      return { id, slug: short_code, key: token }
    },
    async clickCounts() {
      await using clickDb = openClickDatabase({ kind: 'sqlite', dir: dir.path })
      return (await clickDb.selectFrom('click_total').select('clicks').execute()).map((row) => row.clicks)
    },
    clickAddresses() {
      using reader = openSpoolReader(join(dir.path, 'spool'))
      return reader.read({ segment: 1, offset: 0 }, 100).clicks.map((spooled) => spooled.click.ip)
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      dir[Symbol.dispose]()
    },
  }

  function post(path: string, body: object, token?: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${server.port}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    })
  }
}

function aDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'onehop-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

interface Conversation {
  send(text: string): void
  /** What the server has sent so far, once there is something. */
  received(): Promise<string>
  /** Everything the server sends until it closes the connection. */
  all(): Promise<string>
  close(): void
}

async function openConversation(port: number): Promise<Conversation> {
  let text = ''
  const socket: Socket = connect(port, '127.0.0.1')
  const connected = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  socket.on('connect', () => connected.resolve())
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
    answered.resolve()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    answered.resolve()
    closed.resolve()
  })
  await connected.promise
  return {
    send: (part) => void socket.write(part, 'latin1'),
    received: () => answered.promise.then(() => text),
    all: () => closed.promise.then(() => text),
    close: () => socket.destroy(),
  }
}

/** Send bytes as they are, and return what comes until the server closes the connection. */
async function exchange(port: number, text: string): Promise<string> {
  const conversation = await openConversation(port)
  conversation.send(text)
  return conversation.all()
}
