import { expect, test } from 'bun:test'
import { findLink } from '#core/links/link-queries.ts'
import type { Slug } from '#core/links/link.ts'
import { apiClient } from '#testing/api-client.ts'
import { fileSharer } from '#testing/files.ts'
import { NOW, type TestApp } from '#testing/test-app.ts'

async function linked(fields: Readonly<Record<string, string>> = {}) {
  const sharer = await fileSharer()
  const { app, token } = sharer
  const id = await sharer.givenFile('content', { name: 'report.pdf', fields })
  const link = (body: object = {}, fileId = id, as = token) =>
    app.call('POST', `/api/v2/files/${fileId}/link`, { token: as, body })
  const teamId = async () =>
    (await app.app.services.db.selectFrom('api_key').select('team_id').executeTakeFirstOrThrow()).team_id
  return { sharer, app, token, id, link, teamId, [Symbol.asyncDispose]: () => sharer[Symbol.asyncDispose]() }
}

test('a file is given a short link that leads to its download and expires with it', async () => {
  await using s = await linked({ expires_in_days: '2' })

  const response = await s.link({ slug: 'report' })

  expect(response.status).toBe(201)
  expect(await response.json()).toEqual({
    id: expect.stringMatching(/^[\w-]{24}$/),
    slug: 'report',
    short_url: 'http://s.test/report',
    target: `http://s.test/dl/${s.id}`,
    title: 'report.pdf',
    expires_at: new Date(NOW.getTime() + 2 * 86_400_000).toISOString(),
  } as never)
  const followed = await s.app.request('/report')
  expect(followed.headers.get('location')).toBe(`http://s.test/dl/${s.id}`)
})

test('a file has one short link, and a new one when that was deleted', async () => {
  await using s = await linked()
  const first = (await (await s.link()).json()) as { id: string; slug: string }

  const second = await s.link({ slug: 'again' })
  expect(second.status).toBe(409)
  expect(await second.json()).toMatchObject({ code: 'file-linked', slug: first.slug })

  const { services } = s.app.app
  await services.db.deleteFrom('link').where('slug', '=', first.slug).execute()
  expect((await s.link({ slug: 'again' })).status).toBe(201)
})

test('deleting a file switches its short link off and keeps what was counted', async () => {
  await using s = await linked()
  await s.link({ slug: 'report' })

  await s.app.call('DELETE', `/api/files/${s.id}`, { token: s.token })

  expect((await s.app.request('/report')).status).toBe(404)
  const link = await findLink(s.app.app.services.db, await s.teamId(), { slug: 'report' as Slug })
  expect(link).toMatchObject({ status: 'inactive', target: `http://s.test/dl/${s.id}` })
})

test('deleting a file leaves a link alone that leads elsewhere by now', async () => {
  await using s = await linked()
  await s.link({ slug: 'report' })
  const { services } = s.app.app
  await services.db
    .updateTable('link')
    .set({ target: 'https://example.com/' })
    .where('slug', '=', 'report')
    .execute()

  await s.app.call('DELETE', `/api/files/${s.id}`, { token: s.token })

  expect((await s.app.request('/report')).headers.get('location')).toBe('https://example.com/')
})

test('a link is refused for a file that is not the team’s, a key that may not, and a slug that is taken', async () => {
  await using s = await linked()
  const other = await s.app.givenAccount({ plan: 'Pro', key: { dialect: 'onehop' } })
  const narrow = await s.app.givenAccount({
    plan: 'Pro',
    key: { dialect: 'onehop', abilities: ['files:read', 'files:write'] },
  })
  const second = await s.sharer.givenFile('y')
  await s.link({ slug: 'taken' })

  expect((await s.link({}, s.id, other.key.secret)).status).toBe(404)
  expect((await s.link({}, 'x')).status).toBe(404)
  expect((await s.link({}, s.id, narrow.key.secret)).status).toBe(403)
  expect((await s.link({}, s.id, 'hop_unknown')).status).toBe(401)
  expect((await s.link({ slug: 'taken' }, second)).status).toBe(409)
  expect((await s.link({ slug: 'no slug' }, second)).status).toBe(422)
  expect((await s.link({ slug: 5 }, second)).status).toBe(422)
})

test('a file is uploaded, listed with its link, downloaded and deleted', async () => {
  await using s = await linked()
  const client = apiClient(s.app, s.token)

  const { status, body: file } = await upload(s.app, s.token, { expires_in_days: '2', password: 'secret' })

  expect(status).toBe(201)
  expect(file).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    name: 'notes.txt',
    size_bytes: 7,
    media_type: 'text/plain',
    has_password: true,
    download_count: 0,
    created_at: NOW.toISOString(),
    expires_at: new Date(NOW.getTime() + 2 * 86_400_000).toISOString(),
    download_url: `http://s.test/dl/${file.id}`,
    link: null,
  })
  await s.link({ slug: 'notes' }, file.id)
  const { body: list } = await client.call('GET', '/files?limit=1')
  expect(list.data).toEqual([
    { ...file, link: { id: expect.any(String), slug: 'notes', short_url: 'http://s.test/notes' } },
  ])
  expect((await client.call('GET', `/files/${file.id}`)).body).toEqual(list.data[0])
  const rest = (await client.call('GET', `/files?cursor=${list.next_cursor}`)).body
  expect(rest.data.map(({ id }: { id: string }) => id)).toEqual([s.id])
  expect(rest.next_cursor).toBeNull()
  expect((await s.app.request(`/dl/${s.id}`)).status).toBe(200)
  expect(await client.outcome('DELETE', `/files/${file.id}`)).toEqual([204])
  expect(await client.outcome('GET', `/files/${file.id}`)).toEqual([404, 'file-not-found'])
  expect(await client.outcome('DELETE', `/files/${file.id}`)).toEqual([404, 'file-not-found'])
})

test('an upload that is sent twice with one idempotency key is one file', async () => {
  await using s = await linked()
  const send = () => upload(s.app, s.token, {}, { 'idempotency-key': 'k1', 'content-length': '300' })

  const [first, second] = [await send(), await send()]

  expect([first.status, second.status]).toEqual([201, 201])
  expect(second.body).toEqual(first.body)
  expect([first, second].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true'])
  expect((await apiClient(s.app, s.token).call('GET', '/files')).body.data).toHaveLength(2)
})

test('an upload that cannot be is refused and leaves nothing', async () => {
  await using s = await linked()
  const client = apiClient(s.app, s.token)
  const before = s.sharer.stored()

  const invalid = await upload(s.app, s.token, { expires_in_days: '0' })
  const noForm = await client.call('POST', '/files', { file: 'x' })

  expect([invalid.status, invalid.body.code]).toEqual([422, 'invalid-input'])
  expect(invalid.body.errors).toEqual([{ field: 'expires_in_days', detail: expect.any(String) }])
  expect([noForm.status, noForm.body.code]).toEqual([400, 'malformed-request'])
  expect(s.sharer.stored()).toEqual(before)
  expect((await client.call('GET', '/files')).body.data).toHaveLength(1)
})

test('files are for a key that may, and another team’s are nobody else’s', async () => {
  await using s = await linked()
  const other = await s.app.givenAccount()
  const reader = await s.app.givenAccount({ key: { abilities: ['files:read'] } })
  const [nobody, stranger, readOnly] = [
    apiClient(s.app),
    apiClient(s.app, other.key.secret),
    apiClient(s.app, reader.key.secret),
  ]

  expect((await stranger.call('GET', '/files')).body.data).toEqual([])
  expect(await stranger.outcome('GET', `/files/${s.id}`)).toEqual([404, 'file-not-found'])
  expect(await stranger.outcome('DELETE', `/files/${s.id}`)).toEqual([404, 'file-not-found'])
  expect(await readOnly.outcome('DELETE', `/files/${s.id}`)).toEqual([403, 'forbidden'])
  expect((await upload(s.app, reader.key.secret)).status).toBe(403)
  for (const [method, path] of [
    ['GET', '/files'],
    ['POST', '/files'],
    ['GET', `/files/${s.id}`],
    ['DELETE', `/files/${s.id}`],
  ] as const)
    expect(await nobody.outcome(method, path)).toEqual([401, 'unauthenticated'])
})

async function upload(
  app: TestApp,
  token: string,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new File(['content'], 'notes.txt', { type: 'text/plain' }))
  const response = await app.call('POST', '/api/v2/files', { token, rawBody: form, headers })
  return { status: response.status, headers: response.headers, body: await response.json() }
}
