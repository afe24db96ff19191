import { expect, test } from 'bun:test'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { parseEmail } from '#core/accounts/account.ts'
import { inTransaction } from '#core/context.ts'
import { html } from '#core/html.ts'
import { logMailer } from '#ports/mailer/log-mailer.ts'
import type { Mailer, OutgoingMail } from '#ports/mailer/mailer.ts'
import { smtpMailer } from '#ports/mailer/smtp-mailer.ts'
import { refusal, startSmtpReceiver } from '#testing/smtp-receiver.ts'
import { NOW, testApp } from '#testing/test-app.ts'
import { startTestDeliveries } from '#testing/test-deliveries.ts'
import { TEST_SERVER_CERTIFICATE, TEST_SERVER_KEY } from '#testing/test-certificates.ts'
import { until } from '#testing/until.ts'
import { enqueueMail, type Mail } from './enqueue-mail.ts'
import { renderMail } from './render-mail.ts'

const FROM = 'Short Links <links@go.example.com>'
const MAIL: Mail = {
  to: parseEmail('reader@example.com'),
  subject: 'Your week',
  text: 'Seven clicks.\n',
  html: html`<p>Seven <b>clicks</b>.</p>`,
}

async function started(mailer: Mailer | undefined) {
  await using stack = new AsyncDisposableStack()
  let onQueued = () => {}
  const app = stack.use(await testApp({ onDeliveryQueued: () => onQueued() }))
  const { services } = app.app
  const job = stack.use(startTestDeliveries(services, { ...(mailer && { mailer }) }))
  onQueued = () => job.wake()
  let nowMs = NOW.getTime()
  const disposables = stack.move()
  return {
    app,
    services,
    pass(ms: number) {
      nowMs += ms
      app.setNow(new Date(nowMs))
      job.wake()
    },
    rows: () => services.db.selectFrom('delivery').selectAll().orderBy('id').execute(),
    attempts: () => services.db.selectFrom('delivery_attempt').selectAll().orderBy('id').execute(),
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  }
}

const smtp = (port: number, rest: { timeoutMs?: number } = {}) =>
  smtpMailer({ url: `smtp://127.0.0.1:${port}`, from: FROM, ...rest })

test('a mail arrives with text and HTML, and is then gone from the database', async () => {
  await using server = await startSmtpReceiver()
  await using s = await started(smtp(server.port))
  await enqueueMail(s.services, { ...MAIL, unsubscribeUrl: 'https://go.example.com/u?token=a b' })
  await until(async () => (await s.rows())[0]?.status === 'delivered')

  const [mail] = server.mails
  const [row] = await s.rows()
  expect([mail?.from, mail?.to]).toEqual(['links@go.example.com', ['reader@example.com']])
  expect(mail?.headers).toMatchObject({
    from: FROM,
    to: 'reader@example.com',
    subject: 'Your week',
    date: NOW.toUTCString().replace('GMT', '+0000'),
    'message-id': `<${row?.public_id}@s.test>`,
    'auto-submitted': 'auto-generated',
    'list-unsubscribe': '<https://go.example.com/u?token=a%20b>',
    'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
  })
  expect(mail?.headers['content-type']).toStartWith('multipart/alternative')
  expect(mail?.body.indexOf('text/plain')).toBeLessThan(mail?.body.indexOf('text/html') ?? 0)
  expect(mail?.body).toContain('Seven clicks.')
  expect(mail?.body).toContain('<p>Seven <b>clicks</b>.</p>')
  expect(row?.content).toBe('')
})

test('a mail waits encrypted, and belongs to the transaction that caused it', async () => {
  await using app = await testApp()
  const { services } = app.app
  await enqueueMail(services, MAIL)
  await inTransaction(services, async (tx) => {
    await enqueueMail(tx, MAIL)
    throw new Error('rolled back')
  }).catch(() => {})

  const rows = await services.db.selectFrom('delivery').selectAll().execute()
  expect(rows).toHaveLength(1)
  expect(JSON.stringify(rows)).not.toMatch(/reader|clicks|week/)
})

test('nothing that a mail says becomes a header or a recipient', async () => {
  await using server = await startSmtpReceiver()
  await using s = await started(smtp(server.port))
  await enqueueMail(s.services, {
    ...MAIL,
    subject: 'One\r\nBcc: thief@example.com\nX-Two: 2\u2028three',
    text: 'Text\r\n.\r\nMAIL FROM:<x@example.com>\r\n',
    unsubscribeUrl: 'https://go.example.com/>\r\nX-Three: 3',
  })
  await enqueueMail(s.services, { ...MAIL, subject: `Grüße ${'ä'.repeat(400)}` })
  await until(() => server.mails.length === 2)

  const [mail] = server.mails.filter(({ headers }) => headers['subject']?.startsWith('One'))
  expect(mail?.headers['subject']).toBe('One Bcc: thief@example.com X-Two: 2 three')
  expect(Object.keys(mail?.headers ?? {})).not.toContainAnyValues(['bcc', 'x-two', 'x-three'])
  expect(mail?.to).toEqual(['reader@example.com'])
  expect(mail?.body).toContain('MAIL FROM:<x@example.com>')
  expect(server.mails).toHaveLength(2)
})

test('what cannot be a mail is refused where it is made', async () => {
  await using app = await testApp()
  const { services } = app.app
  for (const mail of [
    { ...MAIL, text: ' ' },
    { ...MAIL, text: 'a'.repeat(256 * 1024 + 1) },
    { ...MAIL, unsubscribeUrl: 'javascript:alert(1)' },
    { ...MAIL, unsubscribeUrl: '/u' },
  ])
    expect(await enqueueMail(services, mail).catch((error: unknown) => error)).toBeInstanceOf(Error)
  expect(await services.db.selectFrom('delivery').selectAll().execute()).toEqual([])
})

test('a 4yz answer is tried again, as the same mail', async () => {
  let refusals = 0
  await using server = await startSmtpReceiver({
    onRcptTo(_address, _session, callback) {
      callback(++refusals <= 2 ? refusal(451, 'try later') : undefined)
    },
  })
  await using s = await started(smtp(server.port))
  await enqueueMail(s.services, MAIL)
  for (const attempts of [1, 2]) {
    await until(async () => (await s.attempts()).length === attempts)
    s.pass(20_000)
  }
  await until(async () => (await s.rows())[0]?.status === 'delivered')

  expect((await s.attempts()).map((attempt) => [attempt.status_code, attempt.error])).toEqual([
    [451, 'the mail server answered 451'],
    [451, 'the mail server answered 451'],
    [null, null],
  ])
  expect(server.mails.map(({ headers }) => headers['message-id'])).toEqual([
    `<${(await s.rows())[0]?.public_id}@s.test>`,
  ])
})

test.each([
  {
    where: 'the recipient',
    options: {
      onRcptTo: (_: unknown, __: unknown, done: (error: Error) => void) => done(refusal(550, 'no such user')),
    },
  },
  {
    where: 'the message',
    options: {
      onData(stream: NodeJS.ReadableStream, _: unknown, done: (error: Error) => void) {
        stream.resume().on('end', () => done(refusal(554, 'spam')))
      },
    },
  },
])('a 5yz answer to $where is for good', async ({ options }) => {
  await using server = await startSmtpReceiver(options)
  await using s = await started(smtp(server.port))
  await enqueueMail(s.services, MAIL)
  await until(async () => (await s.rows())[0]?.status === 'failed')

  expect((await s.rows())[0]?.content).toBe('')
  expect(await s.attempts()).toHaveLength(1)
})

test('a refused login fails no mail: it waits until the settings are right', async () => {
  let password = 'wrong'
  await using server = await startSmtpReceiver({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    authOptional: false,
    onAuth: (auth, _, done) =>
      auth.username === 'app@x' && auth.password === password
        ? done(null, { user: 'app' })
        : done(refusal(535, 'no')),
  })
  const mailer = smtpMailer({ url: `smtp://app%40x:s%3Acret@127.0.0.1:${server.port}`, from: FROM })
  await using s = await started(mailer)
  await enqueueMail(s.services, MAIL)
  await until(async () => (await s.attempts()).length === 1)
  expect((await s.rows())[0]?.status).toBe('waiting')
  password = 's:cret'
  s.pass(10_000)
  await until(async () => (await s.rows())[0]?.status === 'delivered')

  expect((await s.attempts())[0]?.status_code).toBe(535)
  expect(JSON.stringify(await s.attempts())).not.toContain('cret')
})

test('encryption that the server offers is used, and a certificate that nobody vouches for is no encryption', async () => {
  await using server = await startSmtpReceiver({
    disabledCommands: ['AUTH'],
    key: TEST_SERVER_KEY,
    cert: TEST_SERVER_CERTIFICATE,
  })
  await using s = await started(smtp(server.port))
  await enqueueMail(s.services, MAIL)
  await until(async () => (await s.attempts()).length === 1)

  expect((await s.rows())[0]?.status).toBe('waiting')
  expect(server.mails).toEqual([])
})

test('a server that says nothing is left when the time is over', async () => {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1')
  await until(() => silent.listening)
  await using s = await started(smtp((silent.address() as AddressInfo).port, { timeoutMs: 200 }))
  await enqueueMail(s.services, MAIL)
  await until(async () => (await s.attempts()).length === 1)
  for (const socket of sockets) socket.destroy()
  silent.close()

  expect((await s.rows())[0]?.status).toBe('waiting')
  expect((await s.attempts())[0]?.error).toMatch(/^the mail server did not take it \(E\w+\)$/)
})

test('a server that drips its answers is left when the time for all of them is over', async () => {
  const timers: ReturnType<typeof setInterval>[] = []
  const dripping = createServer((socket) => {
    socket.on('error', () => {})
    socket.write('220-')
    timers.push(setInterval(() => socket.write('a'), 20))
  }).listen(0, '127.0.0.1')
  await until(() => dripping.listening)
  await using s = await started(smtp((dripping.address() as AddressInfo).port, { timeoutMs: 200 }))
  await enqueueMail(s.services, MAIL)
  await until(async () => (await s.attempts()).length === 1)
  for (const timer of timers) clearInterval(timer)
  dripping.close()

  expect((await s.attempts())[0]?.duration_ms).toBeLessThan(2_000)
})

test('without a mail server mails wait for a day, and then fail', async () => {
  await using s = await started(undefined)
  await enqueueMail(s.services, MAIL)
  await until(async () => (await s.attempts()).length === 1)
  expect((await s.rows())[0]?.status).toBe('waiting')
  s.pass(24 * 60 * 60 * 1000)
  await until(async () => (await s.rows())[0]?.status === 'failed')

  expect((await s.attempts()).map(({ error }) => error)).toEqual([
    'no mail server is configured',
    'no mail server is configured',
  ])
  expect(s.app.logged.join()).not.toContain('Seven')
})

test('where mails are logged, everything is in them', async () => {
  const mails: OutgoingMail[] = []
  await using s = await started(logMailer((mail) => mails.push(mail)))
  await enqueueMail(s.services, MAIL)
  await until(async () => (await s.rows())[0]?.status === 'delivered')

  expect(mails).toMatchObject([{ to: 'reader@example.com', subject: 'Your week', text: 'Seven clicks.\n' }])
})

test('what people wrote stands in a mail as text', () => {
  const { text, html: page } = renderMail({
    heading: '<script>alert(1)</script>',
    paragraphs: ['a & b'],
    action: { label: '"Go"', url: 'https://go.example.com/?a=1&b="2"' },
  })

  expect(page.html).not.toContain('<script>')
  expect(page.html).toContain('a &#38; b')
  expect(page.html).toContain('href="https://go.example.com/?a=1&#38;b=&#34;2&#34;"')
  expect(text).toBe('<script>alert(1)</script>\n\na & b\n\n"Go": https://go.example.com/?a=1&b="2"\n')
})
