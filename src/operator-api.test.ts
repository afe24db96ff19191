import { expect, test } from 'bun:test'
import { readManifest } from '#ports/network/source-store.ts'
import { startServerProcess } from '#testing/server-process.ts'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { until } from '#testing/until.ts'

test('a running server tells its operator how it is, and what a deleted team had is gone at once', async () => {
  using dir = temporaryDir()
  await using server = await startServerProcess({ dataDir: dir.path })
  let cookie = ''
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      redirect: 'manual',
      headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    const text = await response.text()
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : null }
  }
  const api = (method: string, path: string, body?: object) => call(method, `/api/v2${path}`, body)
  await api('POST', '/sign-up', { email: 'you@example.com', password: 'correct horse' })
  const { body: team } = await api('POST', '/teams', { name: 'Press' })
  await api('PUT', '/session/team', { team: team.id })
  await api('POST', '/links', { target: 'https://example.com/', slug: 'guide' })
  expect((await call('GET', '/guide')).status).toBe(302)

  const health = await api('GET', '/operator/health')
  const data = await api('GET', '/operator/data')
  const accepted = await api('POST', '/operator/data/terms/caida-public-aua/accept')
  await api('DELETE', `/teams/${team.id}`)

  expect([health.status, health.body.database.kind]).toEqual([200, 'sqlite'])
  expect(health.body.database.size_bytes).toBeGreaterThan(100_000)
  expect(health.body.memory_bytes).toBeGreaterThan(10_000_000)
  const tasks: { name: string; next_at: string }[] = health.body.tasks
  expect(tasks.map(({ name }) => name)).toContain('network-data')
  for (const task of tasks) expect(Date.parse(task.next_at)).toBeGreaterThan(Date.now())
  expect(data.status).toBe(200)
  expect(data.body.sources.map(({ name }: { name: string }) => name)).toContain('delegated')
  expect([data.body.terms, accepted.body.terms]).toEqual([
    [expect.objectContaining({ name: 'caida-public-aua', accepted_at: null })],
    [expect.objectContaining({ name: 'caida-public-aua', accepted_at: expect.any(String) })],
  ])
  expect(readManifest(dir.path).acceptedTerms.map(({ name }) => name)).toEqual(['caida-public-aua'])
  // The session went home, and the link with its team.
  expect((await api('GET', '/account')).body.team.is_personal).toBe(true)
  await until(async () => (await call('GET', '/guide')).status === 404)
})
