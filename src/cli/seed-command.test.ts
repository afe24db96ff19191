import { expect, test } from 'bun:test'
import { runOnehop, startServerProcess } from '#testing/server-process.ts'
import { type TestApp, testApp } from '#testing/test-app.ts'
import { testDatabases } from '#testing/test-database.ts'
import { seedCommand, type SeedOptions } from './seed-command.ts'

function seed(app: TestApp, options: SeedOptions): Promise<readonly string[]> {
  const { services } = app.app
  return seedCommand({ services, store: app.clicks, dataDir: app.dir, showProgress: () => {} }, options)
}

test('what was made is printed, with passwords that were drawn where none was chosen', async () => {
  await using app = await testApp()

  const lines = await seed(app, { demo: true, clicks: '0' })

  expect(lines[0]).toBe('Made 60 links, 0 clicks and 4 files. Sign in at http://s.test/app/sign-in:')
  const [one, other] = lines.flatMap((line) => /^\w+@example\.com +(\w{16}) /.exec(line)?.slice(1) ?? [])
  expect(one).toBeString()
  expect(other).toBeString()
  expect(one).not.toBe(other)
})

test('an installation with accounts is refused, and so are options that make no sense', async () => {
  await using app = await testApp()
  const refusal = (options: SeedOptions) => seed(app, options).catch((error: unknown) => error)

  expect(await refusal({})).toMatchObject({ exitCode: 2, message: expect.stringContaining('needs --demo') })
  expect(await refusal({ demo: true, clicks: 'many' })).toMatchObject({
    exitCode: 2,
    message: '--clicks is a whole number up to 5000000',
  })
  expect(await refusal({ demo: true, password: 'short' })).toMatchObject({ message: 'password-invalid' })
  await app.givenAccount()
  expect(await refusal({ demo: true })).toMatchObject({
    exitCode: 1,
    message: expect.stringContaining('has accounts already'),
  })
})

test('a running server shows the demo at once', async () => {
  await using database = await testDatabases({ located: true })
  const env = database.location?.kind === 'postgres' ? { DATABASE_URL: database.location.url } : {}
  await using server = await startServerProcess({ dataDir: database.dir, env })

  const done = await runOnehop(['seed', '--demo', '--password', 'correct horse', '--clicks', '500'], {
    ...env,
    ONEHOP_DATA_DIR: database.dir,
  })

  expect(done).toMatchObject({ exitCode: 0, stderr: '' })
  expect(done.stdout).toContain('ada@example.com    correct horse  the operator\n')
  const origin = `http://127.0.0.1:${server.port}`
  const signIn = await fetch(`${origin}/api/v2/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse' }),
  })
  expect(signIn.status).toBe(201)
  const redirect = await fetch(`${origin}/spring`, { redirect: 'manual' })
  expect(redirect.headers.get('location')).toBe('https://www.example.com/shop/spring-collection')
}, 20_000)
