import { expect, test } from 'bun:test'
import { getPlan } from '#core/billing/usage.ts'
import { DomainError } from '#core/errors.ts'
import { teamIdOf } from '#testing/operator.ts'
import { runOnehop } from '#testing/server-process.ts'
import { type TestApp, testApp } from '#testing/test-app.ts'
import { testDatabases } from '#testing/test-database.ts'
import { BILLING_COMMANDS } from './billing-commands.ts'
import { CommandError } from './command-error.ts'

async function command(app: TestApp, name: string, ...args: string[]): Promise<unknown> {
  return BILLING_COMMANDS[name]?.(app.app.services, args, {}).catch((error: unknown) => error)
}

async function givenOrder(app: TestApp) {
  const account = await app.givenAccount({ plan: 'Free' })
  const response = await app.call('POST', '/api/v2/subscription', {
    token: account.key.secret,
    body: { plan: 'Core' },
  })
  const { pending_order: order } = (await response.json()) as { pending_order: { id: string } }
  return { account, id: order.id }
}

test('orders that wait are listed until they are decided or have expired', async () => {
  await using app = await testApp()
  expect(await command(app, 'order list')).toEqual(['No order waits for a decision.'])
  const { id } = await givenOrder(app)

  expect(await command(app, 'order list')).toEqual([
    'ID                            FOR                WHAT                AMOUNT    SINCE       UNTIL',
    `${id}  user1@example.com  Core plan, a month  8.00 USD  2026-01-02  2026-01-16`,
  ])
  app.setNow(new Date('2026-01-16T03:04:05Z'))
  expect(await command(app, 'order list')).toEqual(['No order waits for a decision.'])
})

test('an approved order gives what was ordered, a rejected one does not, and both only once', async () => {
  await using app = await testApp()
  const [one, other] = [await givenOrder(app), await givenOrder(app)]
  const planOf = async ({ account }: typeof one) =>
    (await getPlan(app.app.services, await teamIdOf(app, account))).name

  expect(await command(app, 'order approve', one.id)).toEqual([
    'Approved: Core plan, a month for user1@example.com, 8.00 USD.',
  ])
  expect(await command(app, 'order reject', other.id)).toEqual([
    'Rejected: Core plan, a month for user2@example.com, 8.00 USD.',
  ])

  expect([await planOf(one), await planOf(other)]).toEqual(['Core', 'Free'])
  expect(await command(app, 'order reject', one.id)).toEqual(
    new DomainError('order-decided', { id: one.id, status: 'approved' }),
  )
  expect(await command(app, 'order approve', 'ord_nope')).toEqual(
    new DomainError('order-not-found', { id: 'ord_nope' }),
  )
  expect(await command(app, 'order approve')).toEqual(new CommandError('ID is missing', 2))
})

test('the secret of the schedule is printed alone: the configured one, else always the same of the installation', async () => {
  await using database = await testDatabases({ located: true })
  const env = {
    ONEHOP_DATA_DIR: database.dir,
    ...(database.location?.kind === 'postgres' && { DATABASE_URL: database.location.url }),
  }

  const own = await runOnehop(['cron-secret'], env)
  const again = await runOnehop(['cron-secret'], env)
  const configured = await runOnehop(['cron-secret'], { ...env, ONEHOP_CRON_SECRET: 'sixteen characters' })

  expect(own).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^[\w-]{43}\n$/) as string, stderr: '' })
  expect(again.stdout).toBe(own.stdout)
  expect(configured.stdout).toBe('sixteen characters\n')
}, 20_000)
