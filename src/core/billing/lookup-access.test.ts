import { expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { authenticate } from '#core/accounts/authenticate.ts'
import { revokeKey } from '#core/accounts/api-keys.ts'
import { testApp } from '#testing/test-app.ts'
import { LookupAccess } from './lookup-access.ts'

/** Long beside the pauses of a busy machine. */
const REMEMBER_MS = 300

// Time is part of it, and a machine with too much to do may take its own.
const RETRIES = { retry: 3 }

test(
  'a caller who comes all the time is known all the time, and one who does not is forgotten',
  async () => {
    await using app = await testApp()
    const { key } = await app.givenAccount({ plan: 'Pro' })
    const access = new LookupAccess(app.app.services, REMEMBER_MS)
    expect(access.knownByKey(key.secret)).toBeUndefined()
    const first = await access.byKey(key.secret)

    const seen = new Set<unknown>()
    for (const endMs = performance.now() + 2 * REMEMBER_MS; performance.now() < endMs; await sleep(2))
      seen.add(access.knownByKey(key.secret))

    expect(seen.has(undefined)).toBe(false)
    expect(seen.size).toBeGreaterThan(1)
    expect([...seen]).toEqual([...seen].map(() => first))
    await sleep(1.5 * REMEMBER_MS)
    expect(access.knownByKey(key.secret)).toBeUndefined()
  },
  RETRIES,
)

test('of a caller who comes back after a pause the database is asked once, and of strangers not at all', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount({ plan: 'Pro' })
  const access = new LookupAccess(app.app.services, 50)
  expect(access.renewKey(key.secret)).toBeUndefined()
  await access.byKey(key.secret)
  await sleep(80)
  expect(access.knownByKey(key.secret)).toBeUndefined()

  const renewals = Array.from({ length: 20 }, () => access.renewKey(key.secret))

  expect(new Set(renewals).size).toBe(1)
  await renewals[0]
  expect(access.knownByKey(key.secret)?.plan?.name).toBe('Pro')
})

test('a key that was revoked during a pause is a stranger’s', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount({ plan: 'Pro' })
  const { services } = app.app
  const access = new LookupAccess(services, 50)
  await access.byKey(key.secret)
  await sleep(80)
  await revokeKey(
    { ...services, actor: await authenticate(services, key.secret), clientIp: '' },
    { id: key.key.id },
  )

  await access.renewKey(key.secret)

  expect(access.knownByKey(key.secret)?.actor).toEqual({ kind: 'anonymous', credential: 'unknown' })
  await sleep(80)
  expect(access.knownByKey(key.secret)).toBeUndefined()
  expect(access.renewKey(key.secret)).toBeUndefined()
})

test('what was asked before everybody was forgotten is not remembered after', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount({ plan: 'Pro' })
  const access = new LookupAccess(app.app.services)

  const asking = access.byKey(key.secret)
  access.forget()
  await asking

  expect(access.knownByKey(key.secret)).toBeUndefined()
})
