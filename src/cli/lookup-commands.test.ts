import { expect, test } from 'bun:test'
import { findPersonalTeamId } from '#core/accounts/account-queries.ts'
import { parseRootDomain } from '#core/accounts/request-origin.ts'
import { findOrigins, insertOrigin } from '#core/accounts/request-origin-queries.ts'
import { getSurcharge } from '#core/billing/surcharge.ts'
import { testApp } from '#testing/test-app.ts'
import { ACCOUNT_COMMANDS, type AccountOptions } from './account-commands.ts'
import { CommandError } from './command-error.ts'

async function anAccount() {
  const app = await testApp()
  const { email, user } = await app.givenAccount({ plan: 'Starter' })
  const { services } = app.app
  return {
    email,
    user,
    services,
    teamId: (await findPersonalTeamId(services.db, user.id)) ?? 0,
    run: async (name: string, args: readonly string[], options: AccountOptions = {}) =>
      ACCOUNT_COMMANDS[name]?.(services, args, options),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

test('a surcharge is turned on with and without a limit, and off', async () => {
  await using account = await anAccount()
  const { email, services, teamId } = account

  expect(await account.run('plan surcharge', [email, 'on'], { limit: '500' })).toEqual([
    `Lookups of ${email} go on when their credits are used up, up to 500 more a month.`,
  ])
  expect(await getSurcharge(services, teamId)).toEqual({ isOn: true, limit: 500 })
  expect(await account.run('plan surcharge', [email, 'on'])).toEqual([
    `Lookups of ${email} go on when their credits are used up, without a limit.`,
  ])
  expect(await account.run('plan surcharge', [email, 'off'])).toEqual([
    `Lookups of ${email} end with their credits.`,
  ])
  expect(await getSurcharge(services, teamId)).toEqual({ isOn: false })
})

test.each([
  { args: ['maybe'] },
  { args: [] },
  { args: ['on'], limit: '-1' },
  { args: ['on'], limit: 'many' },
])('plan surcharge $args with the limit $limit is called wrongly', async ({ args, limit }) => {
  await using account = await anAccount()

  const failed = await account
    .run('plan surcharge', [account.email, ...args], { limit })
    .catch((error: unknown) => error)

  expect(failed).toBeInstanceOf(CommandError)
  expect(failed).toMatchObject({ exitCode: 2 })
})

test('an operator takes a request origin away from whoever registered it', async () => {
  await using account = await anAccount()
  const { services, teamId, user } = account
  const origin = { id: 'org_1', domain: parseRootDomain('example.com'), createdAt: services.now() }
  await insertOrigin(services.db, { ...origin, teamId, userId: user.id })

  expect(await account.run('origin remove', ['Example.com'])).toEqual([
    'Pages of example.com need a key again.',
  ])

  expect(await findOrigins(services.db, teamId, 10)).toEqual([])
  const again = await account.run('origin remove', ['example.com']).catch((error: unknown) => error)
  expect(again).toMatchObject({ code: 'origin-not-found' })
})
