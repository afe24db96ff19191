import { expect, test } from 'bun:test'
import { findLink } from '#core/links/link-queries.ts'
import type { Slug } from '#core/links/link.ts'
import { fileSharer } from '#testing/files.ts'
import { NOW } from '#testing/test-app.ts'

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
