import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { blockAccount } from '#core/accounts/block-account.ts'
import { insertMembership, insertTeam } from '#core/accounts/account-queries.ts'
import { teamIdOf } from '#testing/operator.ts'
import { queuedMails } from '#testing/queued-mails.ts'
import { BASE, type TestAccount, type TestApp, testApp } from '#testing/test-app.ts'
import { lastWeek } from './compose-weekly-report.ts'
import { sendWeeklyReports } from './send-weekly-reports.ts'

/** Monday morning after the week of 12–18 January. */
const MONDAY = new Date('2026-01-19T08:00:00Z')
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
const NEVER = new AbortController().signal

async function givenLink(app: TestApp, account: TestAccount, slug: string, title?: string): Promise<void> {
  const { secret } = account.key
  const response = await app.call('POST', '/v1/links', {
    token: secret,
    body: { long_url: 'https://target.example/page', slug, title: title ?? slug },
  })
  expect(response.status).toBe(201)
}

interface Clicks {
  readonly at: string
  readonly times?: number
  readonly referrer?: string
  readonly userAgent?: string
}

async function click(
  app: TestApp,
  slug: string,
  { at, times = 1, referrer, userAgent = BROWSER }: Clicks,
): Promise<void> {
  app.setNow(new Date(at))
  for (let n = 0; n < times; n++) {
    const response = await app.request(`/${slug}`, {
      headers: { 'user-agent': userAgent, ...(referrer !== undefined && { referer: referrer }) },
      // An address of the documentation range is in no country.
      ip: n % 2 === 0 ? '8.8.8.8' : '192.0.2.1',
    })
    expect(response.status).toBe(302)
  }
}

async function report(app: TestApp, now = MONDAY) {
  await app.settleClicks()
  app.setNow(now)
  return sendWeeklyReports(app.app.services, NEVER)
}

test('the last week is the whole one before this one, from Monday to Monday, UTC', () => {
  const instant = fc.date({ min: new Date('1970-02-01'), max: new Date('2200-01-01'), noInvalidDate: true })
  fc.assert(
    fc.property(instant, (now) => {
      const { start, end } = lastWeek(now)

      expect(start.getUTCDay()).toBe(1)
      expect(start.toISOString()).toEndWith('T00:00:00.000Z')
      expect(end.getTime() - start.getTime()).toBe(7 * 86_400_000)
      expect(now >= end && now.getTime() < end.getTime() + 7 * 86_400_000).toBe(true)
    }),
  )
})

test('a report has the numbers of the week that was clicked', async () => {
  await using app = await testApp()
  const account = await app.givenAccount({ plan: 'Pro' })
  await givenLink(app, account, 'first', 'The first one')
  await givenLink(app, account, 'second', 'The second one')
  await givenLink(app, account, 'never')
  await click(app, 'first', { at: '2026-01-04T23:59:59.999Z', times: 9 })
  await click(app, 'first', { at: '2026-01-05T00:00:00.000Z', times: 3 })
  await click(app, 'second', { at: '2026-01-11T23:59:59.999Z' })
  await click(app, 'first', { at: '2026-01-12T00:00:00.000Z', times: 4, referrer: 'https://t.me/channel' })
  await click(app, 'second', { at: '2026-01-18T23:59:59.999Z', times: 1 })
  await click(app, 'second', {
    at: '2026-01-15T12:00:00.000Z',
    times: 50,
    userAgent: 'Googlebot/2.1 (+http://www.google.com/bot.html)',
  })
  await click(app, 'first', { at: '2026-01-19T00:00:00.000Z', times: 7 })

  expect(await report(app)).toEqual({ sent: 1, quiet: 1 })

  const [mail, ...others] = await queuedMails(app)
  expect(others).toEqual([])
  expect(String(mail?.to)).toBe(account.email)
  expect(mail?.subject).toBe('5 clicks last week, 25% more than the week before')
  expect(mail?.text).toBe(`Your links, 12 – 18 January 2026
5 clicks, 25% more than the week before (4)

Most clicked
        4  The first one
           http://s.test/first
        1  The second one
           http://s.test/second

From: United States 3 · unknown 2
Through: t.me 4 · direct 1

This month on the Pro plan
  Links: 3 of 1,000
  Clicks: 75 of 250,000
  QR codes: 0 of 250

You get this every Monday after a week with clicks, as an owner on s.test.
No more of it: ${mail?.unsubscribeUrl}
`)
  const html = mail?.html ?? ''
  for (const fact of ['The first one', 's.test/second', 'United States', 't.me', '25% more', '75 of 250,000'])
    expect(html).toContain(fact)
  expect(html).toContain(`href="${mail?.unsubscribeUrl}"`)
})

test.each([
  { before: 0, now: 3, subject: '3 clicks last week, after none the week before' },
  { before: 2, now: 2, subject: '2 clicks last week, as many as the week before' },
  { before: 4, now: 1, subject: '1 click last week, 75% fewer than the week before' },
  { before: 3, now: 0, subject: 'No clicks last week, after 3 the week before' },
])('$now clicks after $before are told as they are', async ({ before, now, subject }) => {
  await using app = await testApp()
  await givenLink(app, await app.givenAccount(), 'a')
  await click(app, 'a', { at: '2026-01-08T00:00:00Z', times: before })
  await click(app, 'a', { at: '2026-01-14T00:00:00Z', times: now })

  await report(app)

  expect((await queuedMails(app)).map((mail) => mail.subject)).toEqual([subject])
})

test('nothing is sent about weeks without clicks, or with clicks of bots alone', async () => {
  await using app = await testApp()
  await givenLink(app, await app.givenAccount(), 'old')
  await givenLink(app, await app.givenAccount(), 'crawled')
  await click(app, 'old', { at: '2026-01-04T12:00:00Z' })
  await click(app, 'crawled', {
    at: '2026-01-14T12:00:00Z',
    userAgent: 'Googlebot/2.1 (+http://www.google.com/bot.html)',
  })

  expect(await report(app)).toEqual({ sent: 0, quiet: 3 })
  expect(await queuedMails(app)).toEqual([])
})

test('a week is reported once, whoever asks how often and at once, and the next one again', async () => {
  await using app = await testApp()
  await givenLink(app, await app.givenAccount(), 'a')
  await click(app, 'a', { at: '2026-01-14T12:00:00Z' })
  await app.settleClicks()
  app.setNow(MONDAY)

  const together = await Promise.all(
    Array.from({ length: 5 }, () => sendWeeklyReports(app.app.services, NEVER)),
  )
  await report(app, new Date('2026-01-25T23:59:59Z'))

  expect(together.reduce((sum, { sent = 0 }) => sum + sent, 0)).toBe(1)
  expect(await queuedMails(app)).toHaveLength(1)
  await report(app, new Date('2026-01-26T00:00:00Z'))
  expect((await queuedMails(app)).map(({ subject }) => subject)).toEqual([
    '1 click last week, after none the week before',
    'No clicks last week, after 1 the week before',
  ])
})

test('owners get the reports of their teams; members, the blocked and those who do not want them get none', async () => {
  await using app = await testApp()
  const { db } = app.app.services
  const [owner, second, member, blocked, unwilling] = [
    await app.givenAccount(),
    await app.givenAccount(),
    await app.givenAccount(),
    await app.givenAccount(),
    await app.givenAccount(),
  ]
  const createdAt = new Date()
  const shared = await insertTeam(db, { name: 'Press\r\nOffice', personalUserId: null, createdAt })
  for (const [account, role] of [
    [owner, 'owner'],
    [second, 'owner'],
    [member, 'member'],
    [blocked, 'owner'],
    [unwilling, 'owner'],
  ] as const)
    await insertMembership(db, { teamId: shared, userId: account.user.id, role, createdAt })
  await blockAccount(app.app.services, blocked.user)
  await app.call('PUT', '/api/v2/account/notifications', {
    token: unwilling.key.secret,
    body: { weekly_report: false },
  })
  await givenLink(app, owner, 'ours')
  await db.updateTable('link').set({ team_id: shared }).where('slug', '=', 'ours').execute()
  await click(app, 'ours', { at: '2026-01-14T12:00:00Z', times: 2 })

  expect(await report(app)).toMatchObject({ sent: 2 })

  const mails = await queuedMails(app)
  expect(mails.map(({ to }) => String(to)).toSorted()).toEqual([owner.email, second.email])
  expect(mails[0]?.subject).toBe('2 clicks last week, after none the week before · Press Office')
  expect(mails[0]?.text).toStartWith('Press Office, 12 – 18 January 2026\n')
  expect(mails[0]?.unsubscribeUrl).not.toBe(mails[1]?.unsubscribeUrl)
})

test('a run that is told to stop goes on where it was', async () => {
  await using app = await testApp()
  for (const slug of ['a', 'b', 'c']) {
    await givenLink(app, await app.givenAccount(), slug)
    await click(app, slug, { at: '2026-01-14T12:00:00Z' })
  }
  await app.settleClicks()
  app.setNow(MONDAY)
  const stopping = new AbortController()
  const stopsAfterOne = {
    ...app.app.services,
    emit: () => stopping.abort(new Error('stop')),
  }

  const stopped = await sendWeeklyReports(stopsAfterOne, stopping.signal).catch((error: unknown) => error)

  expect(stopped).toEqual(new Error('stop'))
  expect(await queuedMails(app)).toHaveLength(1)
  expect(await report(app)).toMatchObject({ sent: 2 })
  expect(new Set((await queuedMails(app)).map(({ to }) => to)).size).toBe(3)
})

test('hostile titles, names of teams and referrers are text, in both forms of the mail', async () => {
  await using app = await testApp()
  const account = await app.givenAccount()
  const teamId = await teamIdOf(app, account)
  const hostile = `</td><script>alert(1)</script>&amp;<img src=x onerror="'2'">`
  await givenLink(app, account, 'x', hostile)
  await givenLink(app, account, 'y', `Pay \u202Eevil\u2066 me ${'long '.repeat(20)}`)
  await app.app.services.db
    .updateTable('team')
    .set({ personal_user_id: null, name: '<b>\n"Team"</b>' })
    .where('id', '=', teamId)
    .execute()
  await click(app, 'x', {
    at: '2026-01-14T12:00:00Z',
    times: 2,
    referrer: 'https://xn--e1afmkfd.example/<script>',
  })
  await click(app, 'y', { at: '2026-01-14T12:00:00Z' })

  await report(app)

  const { html = '', text = '', subject = '' } = (await queuedMails(app))[0] ?? {}
  expect(html).not.toContain('<script')
  expect(html).not.toContain('<img')
  expect(html).not.toContain('<b>')
  expect(html).toContain('&#60;/td&#62;&#60;script&#62;alert(1)&#60;/script&#62;')
  expect(html).toContain('&#38;amp;')
  expect(`${html}${text}`).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/)
  expect(text).toContain('  Pay evil me long long long')
  expect(text.split('\n').every((line) => line.length < 120)).toBe(true)
  expect(subject).toEndWith('· <b> "Team"</b>')
})

test('an account that was made this week is told of its first clicks', async () => {
  await using app = await testApp()
  app.setNow(new Date('2026-01-17T10:00:00Z'))
  await givenLink(app, await app.givenAccount({ plan: 'Starter' }), 'new')
  await click(app, 'new', { at: '2026-01-17T12:00:00Z' })

  expect(await report(app)).toMatchObject({ sent: 1 })
  expect((await queuedMails(app))[0]?.html).toContain(`href="${BASE}/new"`)
})
