import { expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { enqueueMail } from '#core/mail/enqueue-mail.ts'
import { type ServerProcess, startServerProcess } from '#testing/server-process.ts'
import { startSmtpReceiver } from '#testing/smtp-receiver.ts'
import { TEST_CA_CERTIFICATE, TEST_SERVER_CERTIFICATE, TEST_SERVER_KEY } from '#testing/test-certificates.ts'
import { TEST_DB, testDatabases } from '#testing/test-database.ts'
import { until } from '#testing/until.ts'
import { startWebhookReceiver, status } from '#testing/webhook-receiver.ts'

const LINKS = 12
/** On a machine that does other things too. */
const TELL_LIMIT_MS = 15_000

/** A receiver, databases, and an account with a key, for servers that come and go. */
async function prepared(rest: Readonly<Record<string, string>> = {}) {
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await startWebhookReceiver())
  const { dir, location } = stack.use(await testDatabases())
  const ca = join(dir, 'ca.pem')
  writeFileSync(ca, TEST_CA_CERTIFICATE)
  const env = {
    ...(location?.kind === 'postgres' && { DATABASE_URL: location.url }),
    ONEHOP_ALLOW_PRIVATE_TARGETS: '127.0.0.1',
    NODE_EXTRA_CA_CERTS: ca,
    ...rest,
  }
  const { services } = stack.use(await openServices(parseConfig({ ...env, ONEHOP_DATA_DIR: dir }).config))
  const email = parseEmail('owner@example.com')
  const user = await createAccount(services, { email, password: parsePassword('correct horse') }, {})
  const { secret } = await issueOperatorKey(services, user, {
    dialect: 'onehop',
    name: 'test',
    abilities: ['*'],
  })
  const disposables = stack.move()
  return {
    receiver,
    services,
    email,
    start: () => startServerProcess({ dataDir: dir, env }),
    async post(server: ServerProcess, path: string, body: object) {
      const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(answer.status).toBe(201)
    },
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  }
}

test.skipIf(TEST_DB === 'pglite')(
  'a server that is killed in the middle of delivering loses nothing: the next one delivers, as the same ones',
  async () => {
    await using smtp = await startSmtpReceiver({
      disabledCommands: ['AUTH'],
      key: TEST_SERVER_KEY,
      cert: TEST_SERVER_CERTIFICATE,
    })
    await using s = await prepared({ SMTP_URL: `smtp://127.0.0.1:${smtp.port}` })
    const { receiver, services, email, start } = s
    const first = await start()
    const url = `https://127.0.0.1:${receiver.port}/hook`
    await s.post(first, '/api/v2/webhooks', { url, events: ['link.created'] })
    // Nothing is answered, so that the server dies with deliveries in hand and others waiting.
    receiver.answer(() => {})
    for (let n = 0; n < LINKS; n++)
      await s.post(first, '/api/v1/links', { original_url: 'https://example.com', short_code: `link-${n}` })
    await until(() => receiver.requests.length >= 4)
    await first.end('SIGKILL')
    const begun = receiver.requests.length
    // From another process, and while no server runs.
    await enqueueMail(services, { to: email, subject: 'Queued', text: 'while nobody was there' })
    // What was in hand is free again when its lease ends; the test does not wait for that.
    const { numUpdatedRows } = await services.db
      .updateTable('delivery')
      .set({ due_at_ms: 0 })
      .where('claim', 'is not', null)
      .where('status', '=', 'waiting')
      .executeTakeFirstOrThrow()
    expect(numUpdatedRows).toBeGreaterThan(0n)

    receiver.answer(status(200))
    await using second = await start()
    await until(async () => {
      const open = await services.db
        .selectFrom('delivery')
        .select('id')
        .where('status', '!=', 'delivered')
        .execute()
      return open.length === 0
    })

    const slugs = (requests: typeof receiver.requests) =>
      requests.map(({ body }) => JSON.parse(body).data.slug as string)
    const afterwards = receiver.requests.slice(begun)
    expect(slugs(afterwards).toSorted()).toEqual(
      Array.from({ length: LINKS }, (_, n) => `link-${n}`).toSorted(),
    )
    const ids = new Map(
      slugs(afterwards).map((slug, index) => [slug, afterwards[index]?.headers['webhook-id']]),
    )
    for (const [index, slug] of slugs(receiver.requests.slice(0, begun)).entries())
      expect(receiver.requests[index]?.headers['webhook-id']).toBe(ids.get(slug) ?? '')
    expect(smtp.mails.map(({ to, headers, isSecure }) => [to, headers['subject'], isSecure])).toEqual([
      [['owner@example.com'], 'Queued', true],
    ])

    const metrics = await (await fetch(`http://127.0.0.1:${second.port}/metrics`)).text()
    expect(metrics.split('\n')).toContain('onehop_deliveries_waiting{kind="webhook"} 0')
    expect(metrics.split('\n')).toContain('onehop_delivery_oldest_due_seconds{kind="webhook"} 0')
    expect(metrics.split('\n')).toContain(
      `onehop_delivery_attempts_total{kind="webhook",result="delivered"} ${LINKS}`,
    )
    const { exitCode, stdout, stderr } = await second.end('SIGTERM')
    expect(exitCode).toBe(0)
    expect(stdout + stderr).not.toMatch(/whsec_|nobody was there/)
  },
  30_000,
)

test.skipIf(TEST_DB === 'pglite')(
  'clicks are told with their exact sum, whenever servers are killed',
  async () => {
    await using s = await prepared()
    const { receiver, services } = s
    let server = await s.start()
    const url = `https://127.0.0.1:${receiver.port}/hook`
    await s.post(server, '/api/v2/webhooks', { url, events: ['link.clicked'] })
    await s.post(server, '/api/v1/links', { original_url: 'https://example.com', short_code: 'promo' })
    const told = () => {
      const byId = new Map(
        receiver.requests.map(({ headers, body }) => [
          headers['webhook-id'],
          JSON.parse(body).data.total as number,
        ]),
      )
      return [...byId.values()].reduce((sum, total) => sum + total, 0)
    }

    /** Neither the next batch nor the end of a lease is waited for. What is sent twice so is told by its id. */
    const hasten = async () => {
      await services.db.updateTable('click_event_schedule').set({ next_at_ms: 0 }).execute()
      await services.db.updateTable('delivery').set({ due_at_ms: 0 }).where('claim', 'is not', null).execute()
    }

    let clicks = 0
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 20; n++, clicks++)
        await fetch(`http://127.0.0.1:${server.port}/promo`, { redirect: 'manual' })
      await sleep(200 * round)
      await server.end('SIGKILL')
      server = await s.start()
    }
    await using _ = server
    const deadlineMs = performance.now() + TELL_LIMIT_MS
    while (told() < clicks && performance.now() < deadlineMs) {
      await hasten()
      await sleep(100)
    }

    expect(told()).toBe(clicks)
  },
  40_000,
)
