import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type ServerProcess, startServerProcess } from '#testing/server-process.ts'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { until } from '#testing/until.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

let dir: ReturnType<typeof temporaryDir>
let server: ServerProcess
let base: string
let accounts = 0

beforeAll(async () => {
  dir = temporaryDir()
  server = await startServerProcess({ dataDir: dir.path })
  base = `http://127.0.0.1:${server.port}`
  // The operator is nobody's in these tests.
  await givenAccount()
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  dir[Symbol.dispose]()
})

/** Somebody with a cookie. */
async function givenAccount() {
  const signedUp = await fetch(`${base}/api/v2/sign-up`, {
    method: 'POST',
    body: JSON.stringify({ email: `live${++accounts}@example.com`, password: 'correct horse' }),
  })
  const cookie = signedUp.headers.get('set-cookie')?.split(';')[0] ?? ''
  const headers = { cookie, 'sec-fetch-site': 'same-origin' }
  const create = (slug: string) =>
    fetch(`${base}/api/v2/links`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ target: 'https://example.com/', slug }),
    })
  return { headers, create }
}

function click(slug: string) {
  return fetch(`${base}/${slug}`, { redirect: 'manual', headers: { 'user-agent': FIREFOX } })
}

interface Event {
  readonly id: string
  readonly data: { readonly id: string; readonly link: { readonly slug: string } }
}

/** A stream of events, read as it comes until it is disposed. */
async function follow(headers: Record<string, string>, query = '') {
  const connection = new AbortController()
  const response = await fetch(`${base}/api/v2/live${query}`, { headers, signal: connection.signal })
  const events: Event[] = []
  let comments = ''
  const reading = (async () => {
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) {
        const [, id = '', data] = /^event: click\nid: (\d+)\ndata: (.*)$/.exec(part) ?? []
        if (data === undefined) comments += part
        else events.push({ id, data: JSON.parse(data) })
      }
    }
  })().catch(() => {})
  if (response.ok) await until(() => comments.includes(': following'))
  return {
    response,
    events,
    slugs: () => events.map(({ data }) => data.link.slug),
    reading,
    async [Symbol.asyncDispose]() {
      connection.abort()
      await reading
    },
  }
}

test('clicks arrive as they come, of the whole team or one link, and of no other team', async () => {
  const us = await givenAccount()
  const them = await givenAccount()
  for (const slug of ['a', 'b']) await us.create(slug)
  await them.create('c')
  await using all = await follow(us.headers)
  await using one = await follow(us.headers, '?link=b')
  await using others = await follow(them.headers)

  for (const slug of ['a', 'b', 'c', 'nowhere']) await click(slug)
  await click('b?qr=1')
  await until(() => all.events.length >= 3 && one.events.length >= 2 && others.events.length >= 1)

  expect(all.response.headers.get('content-type')).toBe('text/event-stream')
  expect(all.slugs()).toEqual(['a', 'b', 'b'])
  expect(one.slugs()).toEqual(['b', 'b'])
  expect(others.slugs()).toEqual(['c'])
  const [first] = all.events
  expect(first?.data).toEqual({
    id: first?.id ?? '',
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    link: { id: expect.any(String), slug: 'a' },
    country: '',
    city: '',
    device: 'desktop',
    browser: 'Firefox',
    operating_system: 'Linux',
    referrer: '',
    as: '',
    network: '',
    is_bot: false,
    is_scan: false,
  } as never)
  expect(all.events[2]?.data).toMatchObject({ is_scan: true } as never)
})

test('a stream that broke off goes on where it was, and leaves out nothing and repeats nothing', async () => {
  const us = await givenAccount()
  await us.create('d')
  await us.create('e')
  let last = ''
  {
    await using stream = await follow(us.headers)
    await click('d')
    await until(() => stream.events.length === 1)
    last = stream.events[0]?.id ?? ''
  }
  await click('e')
  await click('d')

  await using resumed = await follow({ ...us.headers, 'last-event-id': last })
  await until(() => resumed.events.length >= 2)
  await click('e')
  await until(() => resumed.events.length >= 3)
  await using fresh = await follow({ ...us.headers, 'last-event-id': 'nonsense' })

  expect(resumed.slugs()).toEqual(['e', 'd', 'e'])
  expect(fresh.events).toEqual([])
})

test('a team has so many streams at a time, and gets the place of one back whose client has gone', async () => {
  const us = await givenAccount()
  const streams = await Promise.all(Array.from({ length: 10 }, () => follow(us.headers)))
  await using refused = await follow(us.headers)
  expect(refused.response.status).toBe(429)
  const them = await givenAccount()
  await using theirs = await follow(them.headers)
  expect(theirs.response.status).toBe(200)

  await streams[0]?.[Symbol.asyncDispose]()

  await until(async () => {
    await using again = await follow(us.headers)
    return again.response.status === 200
  })
  for (const stream of streams) await stream[Symbol.asyncDispose]()
})

test('a stream that nobody reads takes no place', async () => {
  const us = await givenAccount()
  for (let count = 0; count < 12; count++)
    await fetch(`${base}/api/v2/live`, { method: 'HEAD', headers: us.headers })
  for (let count = 0; count < 12; count++) {
    const connection = new AbortController()
    const asked = fetch(`${base}/api/v2/live`, { headers: us.headers, signal: connection.signal })
    connection.abort()
    await asked.catch(() => {})
  }

  await until(async () => {
    await using stream = await follow(us.headers)
    return stream.response.status === 200
  })
})

test('nobody without a key, and no link of another team, is followed', async () => {
  const us = await givenAccount()
  const them = await givenAccount()
  await them.create('f')

  await using anonymous = await follow({})
  await using strange = await follow(us.headers, '?link=f')

  expect([anonymous.response.status, strange.response.status]).toEqual([401, 404])
})

test('a client that sends all of its rows before it reads a result is never waited for in vain', async () => {
  const us = await givenAccount()
  await us.create('g')
  // More, both ways, than the sockets between hold.
  const target = `https://example.com/${'x'.repeat(8_000)}`
  const rows = Array.from({ length: 600 }, () => JSON.stringify({ op: 'update', id: 'g', target }))
  const body = Buffer.from([...rows, '{"op":"delete","id":"g"}'].join('\n'))
  const head = `POST /api/v2/links/bulk HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${us.headers.cookie}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: ${body.length}\r\n\r\n`
  const { promise: sent, resolve: tellSent } = Promise.withResolvers<void>()
  const { promise: ended, resolve: tellEnded } = Promise.withResolvers<void>()
  const bytes = Buffer.concat([Buffer.from(head), body])
  const received: Uint8Array[] = []
  let at = 0
  const write = (socket: Bun.Socket) => {
    at += Math.max(0, socket.write(bytes.subarray(at)))
    if (at === bytes.length) tellSent()
  }
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: server.port,
    socket: {
      open(opened) {
        // Reads nothing until all is sent.
        ;(opened as Bun.Socket & { pause(): void }).pause()
        write(opened)
      },
      drain: write,
      data: (_, chunk) => void received.push(Uint8Array.from(chunk)),
      close: () => tellEnded(),
    },
  })

  await sent
  ;(socket as Bun.Socket & { resume(): void }).resume()
  await ended

  const answer = Buffer.concat(received).toString()
  expect(answer).toStartWith('HTTP/1.1 200 OK')
  expect(answer.match(/"status":200,"link"/g)?.length).toBe(600)
  expect(answer).toContain('{"row":601,"status":204}')
})

test('a server that stops ends its streams in good order', async () => {
  using own = temporaryDir()
  await using short = await startServerProcess({ dataDir: own.path })
  const signedUp = await fetch(`http://127.0.0.1:${short.port}/api/v2/sign-up`, {
    method: 'POST',
    body: JSON.stringify(SIGN_UP),
  })
  const cookie = signedUp.headers.get('set-cookie')?.split(';')[0] ?? ''
  const stream = await fetch(`http://127.0.0.1:${short.port}/api/v2/live`, { headers: { cookie } })
  const text = stream.text()

  const { exitCode } = await short.end('SIGTERM')

  // A connection that is broken off would be an error.
  expect(await text).toContain(': following')
  expect(exitCode).toBe(0)
})

const SIGN_UP = { email: 'you@example.com', password: 'correct horse' }
