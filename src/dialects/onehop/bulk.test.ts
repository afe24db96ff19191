import { expect, test } from 'bun:test'
import { testApp } from '#testing/test-app.ts'

const PATH = '/api/v2/links/bulk'

interface Result {
  readonly row: number
  readonly status: number
  readonly link?: { readonly id: string; readonly slug: string; readonly title: string | null }
  readonly error?: { readonly code: string; readonly errors?: readonly { readonly field: string }[] }
  readonly replayed?: boolean
}

async function started(plan = 'Enterprise') {
  const app = await testApp()
  const account = await app.givenAccount({ plan })
  const token = account.key.secret
  const send = async (rows: readonly (object | string)[], headers: Record<string, string> = {}) => {
    const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)))
    const response = await app.call('POST', PATH, {
      token,
      rawBody: lines.join('\n'),
      headers: { 'content-type': 'application/x-ndjson', ...headers },
    })
    const text = await response.text()
    const results: Result[] = response.ok
      ? text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line))
      : []
    return { status: response.status, results }
  }
  const total = async () => (await (await app.call('GET', '/api/v2/links', { token })).json()).total
  return { app, token, send, total, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

const target = 'https://example.com/'

test('every row is answered in order, and one that is refused keeps no other from being done', async () => {
  await using s = await started()
  await s.send([
    { target, slug: 'old' },
    { target, slug: 'gone' },
  ])

  const { status, results } = await s.send([
    { target, slug: 'new' },
    { op: 'create', target, slug: 'old' },
    'nonsense',
    '[]',
    '',
    { op: 'update', id: 'old', title: 'Changed' },
    { op: 'update', title: 'Nobody' },
    { op: 'update', id: 'nowhere', title: 'Nobody' },
    { op: 'delete', id: 'gone' },
    { op: 'explode' },
    { op: 'create', target: 'ftp://example.com' },
    { op: 'update', id: 'new', title: 'x'.repeat(201) },
  ])

  expect(status).toBe(200)
  expect(
    results.map(({ row, status: one, link, error }) => [
      row,
      one,
      link?.slug ?? error?.errors?.[0]?.field ?? error?.code,
    ]),
  ).toEqual([
    [1, 201, 'new'],
    [2, 409, 'slug-taken'],
    [3, 400, 'body-not-json'],
    [4, 422, ''],
    [5, 200, 'old'],
    [6, 422, 'id'],
    [7, 404, 'link-not-found'],
    [8, 204, undefined],
    [9, 422, 'op'],
    [10, 422, 'target'],
    [11, 422, 'title'],
  ])
  expect(results[4]?.link?.title).toBe('Changed')
  expect(await s.total()).toBe(2)
})

test('rows beyond what the plan allows are refused one by one', async () => {
  await using s = await started('Free')

  const { results } = await s.send(Array.from({ length: 7 }, () => ({ target })))

  expect(results.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 402, 402])
})

test('a request that is sent again with its key is done where it was not, and answered as it was where it was', async () => {
  await using s = await started()
  const headers = { 'idempotency-key': 'import-1' }
  const rows = [{ target, slug: 'a' }, { target }, { target: 'nonsense' }]
  const first = await s.send(rows.slice(0, 2), headers)

  const second = await s.send(rows, headers)

  expect(first.results.map(({ replayed }) => replayed)).toEqual([undefined, undefined])
  expect(second.results.slice(0, 2)).toEqual(first.results.map((result) => ({ ...result, replayed: true })))
  expect(second.results[2]?.status).toBe(422)
  expect(second.results[2]?.replayed).toBeUndefined()
  expect(await s.total()).toBe(2)
  const other = await s.send([{ target, slug: 'b' }], headers)
  expect(other.results[0]?.error?.code).toBe('idempotency-key-reused')
})

test('what is too long is done up to there', async () => {
  await using s = await started()
  const long = JSON.stringify({ target, title: 'x'.repeat(128 * 1024) })

  const { results } = await s.send([{ target }, long, { target }])

  expect(results.map(({ row, status }) => [row, status])).toEqual([
    [1, 201],
    [2, 413],
  ])
  expect(await s.total()).toBe(1)
})

test('rows beyond 10,000 are not done', async () => {
  await using s = await started()
  const rows = Array.from({ length: 10_001 }, () => '{"op":"delete"}')

  const { results } = await s.send(rows)

  expect(results).toHaveLength(10_001)
  expect(results.at(-2)).toMatchObject({ row: 10_000, status: 422 })
  expect(results.at(-1)).toMatchObject({ row: 10_001, status: 422, error: { code: 'invalid-input' } })
})
