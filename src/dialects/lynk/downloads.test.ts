import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { countDownload } from '#core/files/download-file.ts'
import { findFile } from '#core/files/file-queries.ts'
import { sweepFiles } from '#core/files/sweep-files.ts'
import { s3FileStore } from '#ports/file-store/s3-file-store.ts'
import { type FileSharer, fileSharer } from '#testing/files.ts'
import { startS3Server } from '#testing/s3-server.ts'

const CONTENT = 'The quick brown fox'
const ETAG = `"${createHash('sha256').update(CONTENT).digest('hex')}"`
const CREATED = 'Fri, 02 Jan 2026 03:04:05 GMT'

async function downloadsOf(sharer: FileSharer, id: string): Promise<number | undefined> {
  return (await sharer.list()).find((file) => file.id === id)?.download_count
}

function withPassword(
  sharer: FileSharer,
  id: string,
  password: string,
  {
    headers = {},
    ip = '192.0.2.1',
  }: { readonly headers?: Record<string, string>; readonly ip?: string } = {},
) {
  return sharer.app.request(`/dl/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ password }),
    ip,
  })
}

test('a file is downloaded whole, as an attachment that can do nothing, and is counted', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(CONTENT, { name: 'naïve.html', type: 'Text/HTML; charset=x' })

  const response = await sharer.app.request(`/dl/${id}`)

  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/html',
    'content-length': String(CONTENT.length),
    'content-disposition': `attachment; filename="na?ve.html"; filename*=UTF-8''na%C3%AFve.html`,
    'accept-ranges': 'bytes',
    etag: ETAG,
    'last-modified': CREATED,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, no-cache',
  })
  expect(await response.text()).toBe(CONTENT)
  expect(await downloadsOf(sharer, id)).toBe(1)
})

test('HEAD has the headers of GET and counts nothing', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(CONTENT)

  const response = await sharer.app.request(`/dl/${id}`, { method: 'HEAD' })

  expect(response.status).toBe(200)
  expect(response.headers.get('content-length')).toBe(String(CONTENT.length))
  expect(response.headers.get('etag')).toBe(ETAG)
  expect(await response.text()).toBe('')
  expect(await downloadsOf(sharer, id)).toBe(0)
})

const RANGES = [
  { range: 'bytes=0-2', status: 206, body: 'The', contentRange: 'bytes 0-2/19', counted: 1 },
  { range: 'bytes=4-8', status: 206, body: 'quick', contentRange: 'bytes 4-8/19', counted: 0 },
  { range: 'bytes=16-', status: 206, body: 'fox', contentRange: 'bytes 16-18/19', counted: 0 },
  { range: 'bytes=16-99999999999', status: 206, body: 'fox', contentRange: 'bytes 16-18/19', counted: 0 },
  { range: 'bytes=-3', status: 206, body: 'fox', contentRange: 'bytes 16-18/19', counted: 0 },
  { range: 'bytes=-100', status: 206, body: CONTENT, contentRange: 'bytes 0-18/19', counted: 1 },
  { range: 'Bytes= 0-0', status: 206, body: 'T', contentRange: 'bytes 0-0/19', counted: 1 },
  { range: 'bytes=19-', status: 416, body: '', contentRange: 'bytes */19', counted: 0 },
  { range: 'bytes=-0', status: 416, body: '', contentRange: 'bytes */19', counted: 0 },
  { range: 'bytes=30-40,50-', status: 416, body: '', contentRange: 'bytes */19', counted: 0 },
  { range: 'bytes=5-2', status: 200, body: CONTENT, contentRange: null, counted: 1 },
  { range: 'bytes=a-b', status: 200, body: CONTENT, contentRange: null, counted: 1 },
  { range: 'bytes=', status: 200, body: CONTENT, contentRange: null, counted: 1 },
  { range: 'lines=0-1', status: 200, body: CONTENT, contentRange: null, counted: 1 },
  { range: `bytes=${'0-0,'.repeat(30)}1-1`, status: 200, body: CONTENT, contentRange: null, counted: 1 },
  { range: 'bytes=0-18,0-18', status: 200, body: CONTENT, contentRange: null, counted: 1 },
]

test('every range is answered as RFC 9110 has it, and counted when it begins at the first byte', async () => {
  await using sharer = await fileSharer()
  for (const expected of RANGES) {
    const id = await sharer.givenFile(CONTENT)
    const { range } = expected

    const response = await sharer.app.request(`/dl/${id}`, { headers: { range } })

    const body = await response.text()
    const { status, headers } = response
    const counted = await downloadsOf(sharer, id)
    expect({ range, status, body, contentRange: headers.get('content-range'), counted }).toEqual(expected)
    if (status !== 416) expect(headers.get('content-length')).toBe(String(body.length))
  }
})

test('several ranges come as the parts of one body, which is as long as it says', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(CONTENT, { type: 'text/plain' })

  const response = await sharer.app.request(`/dl/${id}`, { headers: { range: 'bytes=0-2, 99-, -3' } })

  expect(response.status).toBe(206)
  const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(
    response.headers.get('content-type') ?? '',
  )?.[1]
  const text = await response.text()
  expect(text).toBe(
    [
      '',
      `--${boundary}`,
      'Content-Type: text/plain',
      'Content-Range: bytes 0-2/19',
      '',
      'The',
      `--${boundary}`,
      'Content-Type: text/plain',
      'Content-Range: bytes 16-18/19',
      '',
      'fox',
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  )
  expect(response.headers.get('content-length')).toBe(String(text.length))
  expect(await downloadsOf(sharer, id)).toBe(1)
})

const CONDITIONS: readonly { readonly headers: Record<string, string>; readonly status: number }[] = [
  { headers: { 'if-none-match': ETAG }, status: 304 },
  { headers: { 'if-none-match': `"x", W/${ETAG}` }, status: 304 },
  { headers: { 'if-none-match': '*' }, status: 304 },
  { headers: { 'if-none-match': '"x"' }, status: 200 },
  { headers: { 'if-modified-since': CREATED }, status: 304 },
  { headers: { 'if-modified-since': CREATED, 'if-none-match': '"x"' }, status: 200 },
  { headers: { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, status: 200 },
  { headers: { 'if-modified-since': 'yesterday' }, status: 200 },
  { headers: { 'if-match': ETAG }, status: 200 },
  { headers: { 'if-match': `W/${ETAG}` }, status: 412 },
  { headers: { 'if-match': '"x"' }, status: 412 },
  { headers: { 'if-unmodified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, status: 412 },
  { headers: { 'if-unmodified-since': CREATED }, status: 200 },
  { headers: { range: 'bytes=0-2', 'if-range': ETAG }, status: 206 },
  { headers: { range: 'bytes=0-2', 'if-range': '"x"' }, status: 200 },
  { headers: { range: 'bytes=0-2', 'if-range': `W/${ETAG}` }, status: 200 },
  { headers: { range: 'bytes=99-', 'if-none-match': ETAG }, status: 304 },
]

test('conditions end a request as RFC 9110 has it', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(CONTENT)
  for (const { headers, status } of CONDITIONS) {
    const response = await sharer.app.request(`/dl/${id}`, { headers })

    expect({ headers, status: response.status }).toEqual({ headers, status })
    expect(response.headers.get('etag')).toBe(ETAG)
    if (status >= 300) expect(await response.text()).toBe('')
    else await response.body?.cancel()
  }
})

test('an empty file is downloaded and counted, and has no range', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile('')

  const response = await sharer.app.request(`/dl/${id}`)
  const range = await sharer.app.request(`/dl/${id}`, { headers: { range: 'bytes=0-' } })

  expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
    200,
    '0',
    '',
  ])
  expect(range.status).toBe(416)
  expect(await downloadsOf(sharer, id)).toBe(1)
})

test('a download that is broken off is not counted, and holds nothing', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(Buffer.alloc(2_000_000))
  const reader = (await sharer.app.request(`/dl/${id}`)).body?.getReader()

  await reader?.read()
  await reader?.cancel()

  expect(await downloadsOf(sharer, id)).toBe(0)
})

test('a download is told to the webhooks of the team, and a file that is gone is not counted', async () => {
  await using sharer = await fileSharer()
  const { services } = sharer.app.app
  const id = await sharer.givenFile(CONTENT, { name: 'a.txt' })
  const file = await findFile(services.db, id, services.now())
  if (file === undefined) throw new Error('the file is not there')
  await services.db
    .insertInto('webhook')
    .values({
      public_id: 'wh_1',
      team_id: file.teamId,
      url: 'https://hooks.test/',
      events: '["file.downloaded"]',
      secret: 'sealed',
      old_secret: null,
      old_secret_until_ms: null,
      status: 'active',
      pause_reason: null,
      failing_since_ms: null,
      created_at_ms: 0,
      updated_at_ms: 0,
    })
    .execute()

  await (await sharer.app.request(`/dl/${id}`)).text()
  await sharer.app.call('DELETE', `/api/files/${id}`, { token: sharer.token })
  await countDownload(services, file)

  const told = await services.db.selectFrom('delivery').select('content').execute()
  expect(told.map(({ content }) => JSON.parse(content) as unknown)).toEqual([
    { event: 'file.downloaded', data: { id, name: 'a.txt', size: 19 }, ts: '2026-01-02T03:04:05.000Z' },
  ])
})

test('a protected file shows a form and nothing of itself, whatever is asked', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(CONTENT, { name: 'secret plans.txt', fields: { password: 'secret123' } })

  for (const init of [
    {},
    { method: 'HEAD' },
    { headers: { range: 'bytes=0-2' } },
    { headers: { 'if-none-match': ETAG } },
    { headers: { accept: 'application/json' } },
  ]) {
    const response = await sharer.app.request(`/dl/${id}`, init)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("form-action 'self'")
    expect(response.headers.get('cache-control')).toBe('no-store')
    for (const header of ['etag', 'last-modified', 'content-disposition', 'content-range', 'accept-ranges'])
      expect(response.headers.has(header)).toBe(false)
    expect(await response.text()).not.toContain('plans')
  }
  const page = await (await sharer.app.request(`/dl/${id}`)).text()
  expect(page).toContain('<form method="post">')
  expect(page).toContain('<label for="password">')
  expect(await downloadsOf(sharer, id)).toBe(0)
})

test('the password opens a protected file, sent by a form or by curl', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(CONTENT, { fields: { password: 'sécret 123' } })

  const response = await withPassword(sharer, id, 'sécret 123', { headers: { range: 'bytes=0-2' } })
  const form = new FormData()
  form.set('password', 'sécret 123')
  const multipart = await sharer.app.request(`/dl/${id}`, { method: 'POST', body: form })

  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('content-disposition')).toBe('attachment; filename=report.pdf')
  expect(await response.text()).toBe(CONTENT)
  expect(await multipart.text()).toBe(CONTENT)
  expect(await downloadsOf(sharer, id)).toBe(2)
})

test('a wrong password is 403: the form again for a browser, an error for a program', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(CONTENT, { fields: { password: 'secret123' } })

  const program = await withPassword(sharer, id, 'wrong')
  const browser = await withPassword(sharer, id, '', { headers: { accept: 'text/html,*/*' } })

  expect(program.status).toBe(403)
  expect(await program.json()).toEqual({ error: 'wrong_password', message: 'Wrong password.' })
  expect(browser.status).toBe(403)
  expect(await browser.text()).toContain('This password is wrong')
  expect(await downloadsOf(sharer, id)).toBe(0)
})

test.each([
  { what: 'no form', body: 'password', type: 'text/plain', status: 400 },
  { what: 'a form without password', body: 'a=b', type: 'application/x-www-form-urlencoded', status: 400 },
  {
    what: 'a form without end',
    body: 'password='.padEnd(50_000, 'x'),
    type: 'application/x-www-form-urlencoded',
    status: 413,
  },
])('$what is refused', async ({ body, type, status }) => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(CONTENT, { fields: { password: 'secret123' } })

  const response = await sharer.app.request(`/dl/${id}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  })

  expect(response.status).toBe(status)
})

test('wrong passwords are slowed down by file and address, right ones are not counted', async () => {
  await using sharer = await fileSharer()
  const id = await sharer.givenFile(CONTENT, { fields: { password: 'secret123' } })
  const other = await sharer.givenFile(CONTENT, { fields: { password: 'secret123' } })
  for (let n = 0; n < 15; n++) expect((await withPassword(sharer, id, 'secret123')).status).toBe(200)

  const guesses = await Promise.all(
    Array.from({ length: 14 }, (_, n) => withPassword(sharer, id, `guess ${n}`)),
  )

  expect(guesses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    ...Array<number>(10).fill(403),
    429,
    429,
    429,
    429,
  ])
  const locked = await withPassword(sharer, id, 'secret123', { headers: { accept: 'text/html' } })
  expect(locked.status).toBe(429)
  expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await locked.text()).toContain('Too many wrong passwords')
  // Another file, and another address, are not affected.
  expect((await withPassword(sharer, other, 'secret123')).status).toBe(200)
  expect((await withPassword(sharer, id, 'secret123', { ip: '192.0.2.99' })).status).toBe(200)
})

test('what is not there is a page for a browser and an error for a program', async () => {
  await using sharer = await fileSharer()
  const path = `/dl/${'0'.repeat(32)}`

  const browser = await sharer.app.request(path, { headers: { accept: 'text/html' } })
  const program = await sharer.app.request(path)
  const posted = await withPassword(sharer, '0'.repeat(32), 'x')

  expect([browser.status, program.status, posted.status]).toEqual([404, 404, 404])
  expect(await browser.text()).toContain('This file is not here')
  expect(await program.json()).toEqual({ error: 'not_found', message: 'File not found.' })
})

test('files in an S3 service are shared, ranged and erased like those of a directory', async () => {
  await using server = startS3Server()
  await using sharer = await fileSharer({ files: s3FileStore(server.location), plan: 'Enterprise' })
  const { app } = sharer
  const large = Buffer.alloc(12 * 1024 * 1024, 'abcdefg')
  const id = await sharer.givenFile(large)

  const whole = await app.request(`/dl/${id}`)
  expect(Buffer.from(await whole.arrayBuffer()).equals(large)).toBe(true)
  const parts = await app.request(`/dl/${id}`, { headers: { range: 'bytes=0-6,-7' } })
  expect(await parts.text()).toContain('bytes 0-6/12582912\r\n\r\nabcdefg')
  expect(await downloadsOf(sharer, id)).toBe(2)

  await app.call('DELETE', `/api/files/${id}`, { token: sharer.token })
  await sweepFiles(app.app.services)
  expect(server.stored()).toEqual([])
  // Given up in the middle: the parts that were stored go as well.
  const form = Buffer.concat([
    Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'),
    large,
  ])
  const cut = await app.call('POST', '/api/files', {
    token: sharer.token,
    rawBody: form,
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
  })
  expect(cut.status).toBe(400)
  expect(server.stored()).toEqual([])
})

test('an S3 service that fails costs the upload and leaves nothing of it', async () => {
  await using server = startS3Server()
  await using sharer = await fileSharer({
    files: s3FileStore({ ...server.location, secretAccessKey: 'not the secret' }),
  })

  const response = await sharer.upload(CONTENT)

  expect(response.status).toBe(500)
  expect(await sharer.list()).toEqual([])
})
