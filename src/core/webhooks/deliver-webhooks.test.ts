import { expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { testApp, NOW } from '#testing/test-app.ts'
import { TEST_DB } from '#testing/test-database.ts'
import { startTestDeliveries, type TestDeliveryOptions } from '#testing/test-deliveries.ts'
import { until } from '#testing/until.ts'
import {
  RECEIVER_CLIENT,
  startWebhookReceiver,
  status,
  type WebhookReceiver,
} from '#testing/webhook-receiver.ts'

const SECOND_MS = 1_000
const HOUR_MS = 60 * 60 * SECOND_MS
const DAY_MS = 24 * HOUR_MS

/** An application with an account, a receiver, and a webhook that is told of everything. */
async function started(options: TestDeliveryOptions = {}) {
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startWebhookReceiver())
  let onQueued = () => {}
  const app = stack.use(
    await testApp({
      outgoing: { ...RECEIVER_CLIENT, ...options.client },
      onDeliveryQueued: () => onQueued(),
    }),
  )
  const account = await app.givenAccount({ key: { dialect: 'onehop' } })
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await app.call(method, path, {
      token: account.key.secret,
      ...(body !== undefined && { body }),
    })
    return { status: response.status, body: response.status === 204 ? null : await response.json() }
  }
  const createWebhook = async (events = ['link.created'], url = receiver.url) => {
    const created = await call('POST', '/api/v2/webhooks', { url, events })
    expect(created.status).toBe(201)
    return created.body as { id: string; secret: string }
  }
  const createLink = async (slug: string) => {
    const body = { original_url: 'https://example.com', short_code: slug }
    const response = await app.call('POST', '/api/v1/links', { token: account.key.secret, body })
    expect(response.status).toBe(201)
    return ((await response.json()) as { id: number }).id
  }
  const job = stack.use(startTestDeliveries(app.app.services, options))
  onQueued = () => job.wake()
  let nowMs = NOW.getTime()
  const disposables = stack.move()
  return {
    app,
    account,
    receiver,
    job,
    call,
    createWebhook,
    createLink,
    deliveries: async (id: string) =>
      (await call('GET', `/api/v2/webhooks/${id}/deliveries`)).body.data as Delivery[],
    /** Let time pass, and let the queue see it. */
    pass(ms: number) {
      nowMs += ms
      app.setNow(new Date(nowMs))
      job.wake()
    },
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  }
}

interface Delivery {
  id: string
  event: string
  status: string
  body: string
  next_attempt_at: string | null
  finished_at: string | null
  attempts: {
    at: string
    duration_ms: number
    status_code: number | null
    error: string | null
    answer: string | null
  }[]
}

function received(receiver: WebhookReceiver, count: number) {
  return until(() => receiver.requests.length >= count)
}

test('the documented event arrives with body, headers and signature to the letter', async () => {
  await using s = await started()
  const { secret } = await s.createWebhook()
  expect(secret).toMatch(/^whsec_[A-Za-z0-9]{44}$/)

  await s.createLink('promo')
  await received(s.receiver, 1)

  const [request] = s.receiver.requests
  const { event, data, ts, ...others } = JSON.parse(request?.body ?? '')
  expect([request?.method, request?.path, event, ts, others]).toEqual([
    'POST',
    '/hook',
    'link.created',
    NOW.toISOString(),
    {},
  ])
  expect(data).toEqual({
    id: expect.stringMatching(/^[A-Za-z0-9]{24}$/),
    slug: 'promo',
    url: 'https://example.com',
  })
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'x-linktj-event': 'link.created',
    'x-linktj-signature': createHmac('sha256', secret)
      .update(request?.body ?? '')
      .digest('hex'),
    'webhook-timestamp': String(Math.floor(NOW.getTime() / 1000)),
  })
  expect(verifiesAsStandardWebhook(secret, request?.headers ?? {}, request?.body ?? '')).toBe(true)
  expect(
    verifiesAsStandardWebhook(`${secret.slice(0, -4)}AAAA`, request?.headers ?? {}, request?.body ?? ''),
  ).toBe(false)
})

/** As a receiver does it by the specification, sharing nothing with the sender. */
function verifiesAsStandardWebhook(secret: string, headers: Readonly<Record<string, string>>, body: string) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const hasher = new Bun.CryptoHasher('sha256', key)
  const expected = `v1,${hasher.update(signed).digest('base64')}`
  return (headers['webhook-signature'] ?? '').split(' ').includes(expected)
}

test('links tell of their changes and of their end, to those who subscribe, and nobody else', async () => {
  await using s = await started()
  await s.createWebhook(['link.updated', 'link.deleted'])
  const id = await s.createLink('one')
  const token = s.account.key.secret
  await s.app.call('PUT', `/api/v1/links/${id}`, { token, body: { original_url: 'https://example.org/' } })
  await s.app.call('DELETE', `/api/v1/links/${id}`, { token })
  await received(s.receiver, 2)

  const events = s.receiver.requests
    .map(({ body }) => JSON.parse(body))
    .toSorted((a, b) => (a.event < b.event ? 1 : -1))
  expect(events.map(({ event, data }) => [event, data.slug, data.url])).toEqual([
    ['link.updated', 'one', 'https://example.org/'],
    ['link.deleted', 'one', 'https://example.org/'],
  ])
  expect(s.receiver.requests).toHaveLength(2)
})

test('of a typed link receivers are told its page, and nothing of what is in it', async () => {
  await using s = await started()
  await s.createWebhook()
  const body = {
    kind: 'wifi',
    slug: 'guests',
    payload: { ssid: 'MyNet', encryption: 'WPA', password: 'secret123' },
  }
  const headers = { 'x-api-key': s.account.key.secret, 'content-type': 'application/json' }
  const response = await s.app.call('POST', '/api/v1/links', { headers, rawBody: JSON.stringify(body) })
  await received(s.receiver, 1)

  const { data } = (await response.json()) as { data: { id: string } }
  expect(JSON.parse(s.receiver.requests[0]?.body ?? '')).toMatchObject({
    event: 'link.created',
    data: { id: data.id, slug: 'guests', url: 'http://s.test/l/guests' },
  })
  expect(s.receiver.requests[0]?.body).not.toMatch(/MyNet|secret123/)
})

test('an event of a transaction that fails is never told', async () => {
  await using s = await started()
  const { id } = await s.createWebhook()
  await s.createLink('taken')
  await received(s.receiver, 1)
  const again = await s.app.call('POST', '/api/v1/links', {
    token: s.account.key.secret,
    body: { original_url: 'https://example.com', short_code: 'taken' },
  })

  expect(again.status).toBe(409)
  expect(await s.deliveries(id)).toHaveLength(1)
})

test('a failed delivery is tried again as the same one, after waits that double, until it succeeds', async () => {
  await using s = await started()
  const { id } = await s.createWebhook()
  s.receiver.answer(status(500, 'not now'))
  await s.createLink('promo')

  const waits = [10, 20, 40, 80]
  for (const [index, waitS] of waits.entries()) {
    await received(s.receiver, index + 1)
    await until(async () => (await s.deliveries(id))[0]?.attempts.length === index + 1)
    s.pass(waitS * SECOND_MS - 1)
    await Bun.sleep(20)
    expect(s.receiver.requests).toHaveLength(index + 1)
    if (index === waits.length - 1) s.receiver.answer(status(200, 'at last'))
    s.pass(1)
  }
  await until(async () => (await s.deliveries(id))[0]?.status === 'delivered')

  const [delivery] = await s.deliveries(id)
  expect(delivery?.attempts.map(({ status_code: code, error, answer }) => [code, error, answer])).toEqual([
    ...waits.map(() => [500, 'the answer was 500', 'not now']),
    [200, null, 'at last'],
  ])
  const { requests } = s.receiver
  expect(new Set(requests.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery?.id ?? '']))
  expect(new Set(requests.map(({ body }) => body)).size).toBe(1)
  expect(new Set(requests.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(waits.length + 1)
})

test('a delivery that fails for 24 hours is given up, after a last attempt at the very end', async () => {
  await using s = await started({ chance: () => 0.999 })
  const { id } = await s.createWebhook()
  s.receiver.answer(status(503))
  await s.createLink('promo')
  let attempts = 0
  let atMs = NOW.getTime()
  for (;;) {
    attempts++
    await until(async () => (await s.deliveries(id))[0]?.attempts.length === attempts)
    const [delivery] = await s.deliveries(id)
    if (delivery?.status === 'failed') break
    const nextMs = new Date(delivery?.next_attempt_at ?? 0).getTime()
    expect(nextMs - atMs).toBeLessThanOrEqual(2 * HOUR_MS)
    s.pass(nextMs - atMs)
    atMs = nextMs
  }

  expect(atMs).toBe(NOW.getTime() + DAY_MS)
  s.pass(10 * DAY_MS)
  await Bun.sleep(20)
  expect(s.receiver.requests).toHaveLength(attempts)
  expect((await s.call('GET', `/api/v2/webhooks/${id}`)).body).toMatchObject({
    status: 'active',
    failing_since: NOW.toISOString(),
  })
})

test('a redirect is a failure, and is not followed', async () => {
  await using s = await started()
  const { id } = await s.createWebhook()
  s.receiver.answer((response, { path }) =>
    path === '/hook'
      ? void response.writeHead(302, { location: s.receiver.url.replace('/hook', '/elsewhere') }).end()
      : void response.end(),
  )
  await s.createLink('promo')
  await until(async () => (await s.deliveries(id))[0]?.attempts.length === 1)

  expect(s.receiver.requests.map(({ path }) => path)).toEqual(['/hook'])
  expect((await s.deliveries(id))[0]).toMatchObject({
    status: 'waiting',
    attempts: [{ status_code: 302, error: 'redirects are not followed' }],
  })
})

test('an answer that drips is cut when its time is over, and one without end when enough of it was read', async () => {
  await using s = await started({ timeoutMs: 1_500 })
  const slow = await s.createWebhook()
  const endless = await s.createWebhook(['link.created'], s.receiver.url.replace('/hook', '/endless'))
  const cut = new Set<string>()
  s.receiver.answer((response, { path }) => {
    response.writeHead(200)
    response.on('close', () => cut.add(path))
    const chunk = path === '/hook' ? 'a' : 'b'.repeat(64 * 1024)
    const timer = setInterval(() => response.write(chunk), 20)
    response.on('close', () => clearInterval(timer))
  })
  await s.createLink('promo')
  await until(async () => (await s.deliveries(slow.id))[0]?.attempts.length === 1)
  await until(async () => (await s.deliveries(endless.id))[0]?.attempts.length === 1)
  await until(() => cut.size === 2)

  const [dripped] = await s.deliveries(slow.id)
  expect(dripped).toMatchObject({
    status: 'waiting',
    attempts: [{ status_code: null, error: 'no complete answer in time' }],
  })
  expect(dripped?.attempts[0]?.duration_ms).toBeWithin(1_400, 4_000)
  const [cutOff] = await s.deliveries(endless.id)
  expect(cutOff).toMatchObject({
    status: 'delivered',
    attempts: [{ status_code: 200, answer: 'b'.repeat(1_000) }],
  })
})

test.skipIf(TEST_DB !== 'sqlite')(
  'a delivery takes five seconds at most',
  async () => {
    await using s = await started()
    const { id } = await s.createWebhook()
    s.receiver.answer(() => {})
    await s.createLink('promo')
    await until(() => s.receiver.requests.length === 1)
    await Bun.sleep(4_500)
    await until(async () => (await s.deliveries(id))[0]?.attempts.length === 1)

    expect((await s.deliveries(id))[0]?.attempts[0]?.duration_ms).toBeWithin(4_900, 6_500)
  },
  12_000,
)

test('a name that means a private address by the time of delivery is not connected to', async () => {
  let addresses = ['93.184.216.34']
  let resolved = 0
  const resolve = () => {
    resolved++
    return Promise.resolve(addresses)
  }
  await using s = await started({ client: { allowPrivate: [], resolve } })
  const { id } = await s.createWebhook()
  expect(resolved).toBe(1)

  addresses = ['127.0.0.1']
  await s.createLink('one')
  await until(async () => (await s.deliveries(id))[0]?.attempts.length === 1)
  // One good address beside a bad one is no better.
  addresses = ['93.184.216.34', '127.0.0.1']
  s.pass(10 * SECOND_MS)
  await until(async () => (await s.deliveries(id))[0]?.attempts.length === 2)

  expect((await s.deliveries(id))[0]?.attempts.map(({ error }) => error)).toEqual([
    'the host has an address that is not public',
    'the host has an address that is not public',
  ])
  expect(s.receiver.requests).toEqual([])
})

test('a name is asked once for a delivery, so that what was checked is what is connected to', async () => {
  let resolved = 0
  const resolve = () => Promise.resolve(++resolved % 2 === 1 ? ['127.0.0.1'] : ['127.0.0.2'])
  await using s = await started({ client: { allowPrivate: ['127.0.0.1'], resolve } })
  const { id } = await s.createWebhook()
  resolved = 0
  await s.createLink('one')
  await until(async () => (await s.deliveries(id))[0]?.status === 'delivered')

  expect([resolved, s.receiver.requests.length]).toEqual([1, 1])
})

test('410 Gone pauses the webhook; what waits goes out when it is resumed', async () => {
  await using s = await started()
  const { id } = await s.createWebhook()
  s.receiver.answer(status(410))
  await s.createLink('one')
  await until(async () => (await s.call('GET', `/api/v2/webhooks/${id}`)).body.status === 'paused')

  expect((await s.call('GET', `/api/v2/webhooks/${id}`)).body.pause_reason).toBe('gone')
  expect((await s.deliveries(id)).map((delivery) => delivery.status)).toEqual(['held'])
  await s.createLink('two')
  s.pass(DAY_MS)
  await Bun.sleep(20)
  expect(s.receiver.requests).toHaveLength(1)

  s.receiver.answer(status(200))
  await s.call('PATCH', `/api/v2/webhooks/${id}`, { status: 'active' })
  await received(s.receiver, 2)
  await until(async () => (await s.deliveries(id))[0]?.status === 'delivered')
  expect((await s.deliveries(id)).map(({ body }) => JSON.parse(body).data.slug)).toEqual(['one'])
})

test('a webhook that fails for three days is paused, and its owner is told by mail', async () => {
  const mails: { to: string; subject: string; text: string }[] = []
  const mailer = {
    send: (mail: { to: string; subject: string; text: string }) => {
      mails.push(mail)
      return Promise.resolve()
    },
  }
  await using s = await started({ mailer })
  const { id } = await s.createWebhook()
  s.receiver.answer(status(500))
  await s.createLink('one')
  await until(async () => (await s.deliveries(id))[0]?.attempts.length === 1)
  s.pass(3 * DAY_MS - SECOND_MS)
  await until(async () => (await s.deliveries(id))[0]?.status === 'failed')
  expect((await s.call('GET', `/api/v2/webhooks/${id}`)).body.status).toBe('active')
  s.pass(SECOND_MS)
  await s.createLink('two')
  await until(() => mails.length > 0)

  expect((await s.call('GET', `/api/v2/webhooks/${id}`)).body).toMatchObject({
    status: 'paused',
    pause_reason: 'failing',
    failing_since: NOW.toISOString(),
  })
  expect(mails).toHaveLength(1)
  expect(mails[0]).toMatchObject({
    to: s.account.email,
    subject: `Webhook at localhost.test:${s.receiver.port} paused`,
  })
  expect(mails[0]?.text).toContain('the answer was 500')
  expect(mails[0]?.text).not.toContain('whsec_')
})

test('one success in between begins the three days anew', async () => {
  await using s = await started()
  const { id } = await s.createWebhook()
  s.receiver.answer(status(500))
  await s.createLink('one')
  await until(async () => (await s.deliveries(id))[0]?.attempts.length === 1)
  s.receiver.answer(status(204))
  s.pass(10 * SECOND_MS)
  await until(async () => (await s.deliveries(id))[0]?.status === 'delivered')
  s.pass(4 * DAY_MS)
  s.receiver.answer(status(500))
  await s.createLink('two')
  await until(async () => (await s.deliveries(id))[0]?.attempts.length === 1)

  expect((await s.call('GET', `/api/v2/webhooks/${id}`)).body).toMatchObject({ status: 'active' })
})

test('a rotated secret signs at once; the old one signs beside it for a day where there is room', async () => {
  await using s = await started()
  const { id, secret: old } = await s.createWebhook()
  const rotated = (await s.call('POST', `/api/v2/webhooks/${id}/rotate-secret`)).body as { secret: string }
  await s.createLink('one')
  await received(s.receiver, 1)
  s.pass(DAY_MS)
  await s.createLink('two')
  await received(s.receiver, 2)

  const [first, second] = s.receiver.requests.map(({ headers, body }) => ({
    linktj: headers['x-linktj-signature'] === createHmac('sha256', rotated.secret).update(body).digest('hex'),
    byNew: verifiesAsStandardWebhook(rotated.secret, headers, body),
    byOld: verifiesAsStandardWebhook(old, headers, body),
  }))
  expect(rotated.secret).not.toBe(old)
  expect(first).toEqual({ linktj: true, byNew: true, byOld: true })
  expect(second).toEqual({ linktj: true, byNew: true, byOld: false })
})

test('secrets are in no list, no log and, as they are, not in the database', async () => {
  await using s = await started()
  const { id, secret } = await s.createWebhook()
  const rotated = (await s.call('POST', `/api/v2/webhooks/${id}/rotate-secret`)).body as { secret: string }
  await s.createLink('one')
  await received(s.receiver, 1)
  await until(async () => (await s.deliveries(id))[0]?.status === 'delivered')

  const shown = [
    (await s.call('GET', '/api/v2/webhooks')).body,
    (await s.call('GET', `/api/v2/webhooks/${id}`)).body,
    (await s.call('PATCH', `/api/v2/webhooks/${id}`, { events: ['link.deleted'] })).body,
    await s.deliveries(id),
    s.app.logged,
    await s.app.app.services.db.selectFrom('webhook').selectAll().execute(),
  ]
  for (const one of [secret, rotated.secret]) expect(JSON.stringify(shown)).not.toContain(one.slice(6))
})

test('a test event is sent whatever is subscribed to, and a delivery can be sent once more as the same one', async () => {
  await using s = await started()
  const { id } = await s.createWebhook(['link.deleted'])
  const tested = await s.call('POST', `/api/v2/webhooks/${id}/test`)
  await received(s.receiver, 1)
  await until(async () => (await s.deliveries(id))[0]?.status === 'delivered')
  const again = await s.call('POST', `/api/v2/webhooks/${id}/deliveries/${tested.body.id}/redeliver`)
  await received(s.receiver, 2)
  await until(async () => (await s.deliveries(id))[0]?.attempts.length === 2)

  expect([tested.status, tested.body.event, again.status]).toEqual([202, 'webhook.test', 202])
  expect(s.receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([
    tested.body.id,
    tested.body.id,
  ])
  expect(await s.deliveries(id)).toHaveLength(1)
  expect((await s.deliveries(id))[0]?.status).toBe('delivered')
})

test('what a paused webhook waits for is held and follows it to its new address', async () => {
  await using s = await started()
  const { id } = await s.createWebhook()
  s.receiver.answer(status(500))
  await s.createLink('one')
  await until(async () => (await s.deliveries(id))[0]?.attempts.length === 1)
  await s.call('PATCH', `/api/v2/webhooks/${id}`, { status: 'paused' })
  await s.createLink('two')
  s.pass(2 * DAY_MS)
  await Bun.sleep(20)
  expect(s.receiver.requests).toHaveLength(1)

  s.receiver.answer(status(200))
  const url = s.receiver.url.replace('/hook', '/new')
  await s.call('PATCH', `/api/v2/webhooks/${id}`, { status: 'active', url })
  await received(s.receiver, 2)

  expect(s.receiver.requests.map(({ path }) => path)).toEqual(['/hook', '/new'])
  expect((await s.call('POST', `/api/v2/webhooks/${id}/test`)).status).toBe(202)
})

test('deliveries are forgotten after thirty days, those that wait are not', async () => {
  const { sweepDeliveries } = await import('#core/deliveries/sweep-deliveries.ts')
  await using s = await started()
  const { id } = await s.createWebhook()
  await s.createLink('one')
  await until(async () => (await s.deliveries(id))[0]?.status === 'delivered')
  s.pass(30 * DAY_MS)
  expect(await sweepDeliveries(s.app.app.services)).toBe(0)
  s.pass(1)

  expect(await sweepDeliveries(s.app.app.services)).toBe(1)
  expect(await s.deliveries(id)).toEqual([])
  expect(await s.app.app.services.db.selectFrom('delivery_attempt').selectAll().execute()).toEqual([])
})
