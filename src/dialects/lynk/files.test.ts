import { expect, test } from 'bun:test'
import { DEFAULT_PLANS } from '#core/billing/default-plans.ts'
import { setPlan } from '#core/billing/set-plan.ts'
import { MAX_FILE_BYTES } from '#core/files/file.ts'
import { sweepFiles } from '#core/files/sweep-files.ts'
import { type FileSharer, fileSharer } from '#testing/files.ts'
import { NOW } from '#testing/test-app.ts'

const BOUNDARY = 'X-BOUNDARY'

/** A form as it stands on the wire. */
function rawForm(...parts: readonly (readonly [disposition: string, content: string])[]): string {
  const written = parts.map(
    ([disposition, content]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`,
  )
  return `${written.join('')}--${BOUNDARY}--\r\n`
}

async function post(
  sharer: FileSharer,
  body: BodyInit,
  token: string | undefined = sharer.token,
): Promise<Response> {
  return sharer.app.call('POST', '/api/files', {
    token,
    rawBody: body,
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  })
}

/** Nothing was shared, nothing is stored, and nothing is counted. */
async function expectNothingLeft(sharer: FileSharer): Promise<void> {
  const { db } = sharer.app.app.services
  expect(await sharer.list()).toEqual([])
  expect(sharer.stored()).toEqual([])
  expect(await db.selectFrom('file_upload').selectAll().execute()).toEqual([])
  expect(
    await db.selectFrom('file_usage').select(['files', 'size_bytes']).where('files', '>', 0).execute(),
  ).toEqual([])
}

test('a file is uploaded, listed and deleted as documented', async () => {
  await using sharer = await fileSharer()

  const response = await sharer.upload('%PDF-', {
    name: 'report.pdf',
    type: 'application/pdf',
    fields: { password: 'secret123', email: 'recipient@example.com', expires_in_days: '30' },
  })

  expect(response.status).toBe(200)
  const uploaded = (await response.json()) as { id: string }
  expect(uploaded).toEqual({
    success: true,
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    url: `http://s.test/dl/${uploaded.id}`,
  } as never)
  expect(await sharer.list()).toEqual([
    {
      id: uploaded.id,
      original_name: 'report.pdf',
      size: 5,
      mime_type: 'application/pdf',
      has_password: true,
      download_count: 0,
      created_at: '2026-01-02 03:04:05',
      expires_at: '2026-02-01 03:04:05',
      download_url: `http://s.test/dl/${uploaded.id}`,
    },
  ])

  const deleted = await sharer.app.call('DELETE', `/api/files/${uploaded.id}`, { token: sharer.token })

  expect(deleted.status).toBe(200)
  expect(await deleted.json()).toEqual({ success: true })
  expect(await sharer.list()).toEqual([])
  expect((await sharer.app.request(`/dl/${uploaded.id}`)).status).toBe(404)
  await sweepFiles(sharer.app.app.services)
  await expectNothingLeft(sharer)
})

test('the key may stand in the address, and fields may come before the file or after it', async () => {
  await using sharer = await fileSharer()
  const file = ['name="file"; filename="a.txt"', 'content'] as const
  const expiry = ['name="expires_in_days"', '1'] as const

  for (const parts of [
    [expiry, file],
    [file, expiry],
  ]) {
    const response = await sharer.app.request(`/api/files?key=${sharer.token}`, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary="${BOUNDARY}"` },
      body: rawForm(...parts),
    })
    expect(response.status).toBe(200)
  }

  const files = await sharer.list()
  expect(files.map((listed) => [listed.original_name, listed.size, listed.expires_at])).toEqual([
    ['a.txt', 7, '2026-01-03 03:04:05'],
    ['a.txt', 7, '2026-01-03 03:04:05'],
  ])
  expect(new Set(files.map(({ id }) => id)).size).toBe(2)
})

test('fields that are left blank are as good as none', async () => {
  await using sharer = await fileSharer()

  await sharer.givenFile('x', { fields: { password: '', email: ' ', expires_in_days: '' } })
  await sharer.givenFile('x', { fields: { expires_in_days: 'Evergreen', comment: 'unknown to us' } })

  const files = await sharer.list()
  expect(files.map((file) => [file.has_password, file.expires_at])).toEqual([
    [false, null],
    [false, null],
  ])
})

const BAD_FIELDS: readonly {
  readonly what: string
  readonly fields: Record<string, string>
  readonly named: string
}[] = [
  { what: 'no days', fields: { expires_in_days: '0' }, named: 'expires_in_days' },
  { what: 'too many days', fields: { expires_in_days: '3651' }, named: 'expires_in_days' },
  { what: 'half a day', fields: { expires_in_days: '0.5' }, named: 'expires_in_days' },
  { what: 'negative days', fields: { expires_in_days: '-1' }, named: 'expires_in_days' },
  { what: 'days in words', fields: { expires_in_days: 'never' }, named: 'expires_in_days' },
  { what: 'no address', fields: { email: 'nobody' }, named: 'email' },
  { what: 'two addresses', fields: { email: 'a@example.com, b@example.com' }, named: 'email' },
  {
    what: 'an address that begins a header',
    fields: { email: 'a@example.com\r\nBcc: b@example.com' },
    named: 'email',
  },
  { what: 'a password without end', fields: { password: 'x'.repeat(1025) }, named: 'password' },
]

test('a field that cannot be is refused by name, and leaves nothing', async () => {
  await using sharer = await fileSharer()
  for (const { what, fields, named } of BAD_FIELDS) {
    const response = await sharer.upload('content', { fields })

    expect({ what, status: response.status, body: await response.json() }).toEqual({
      what,
      status: 400,
      body: { error: 'invalid_request', message: expect.stringContaining(named) },
    } as never)
    await expectNothingLeft(sharer)
  }
})

const FILE = ['name="file"; filename="a.txt"', 'x'] as const

const BAD_FORMS = [
  { what: 'no file', parts: [['name="password"', 'x']] as const, named: 'file is required' },
  {
    what: 'a form sent without choosing one',
    parts: [['name="file"; filename=""', '']] as const,
    named: 'file is required',
  },
  { what: 'two files', parts: [FILE, FILE], named: 'exactly one file' },
  {
    what: 'a file by another name',
    parts: [['name="upload"; filename="a"', 'x']] as const,
    named: 'upload is no field',
  },
  { what: 'text in place of the file', parts: [['name="file"', 'x']] as const, named: 'must be a file' },
  {
    what: 'a field given twice',
    parts: [FILE, ['name="password"', 'a'], ['name="password"', 'b']] as const,
    named: 'password must be given once',
  },
  { what: 'a part without a name', parts: [FILE, ['filename="a"', 'x']] as const, named: 'has no name' },
]

test('a form that is not one file and its fields is refused, and leaves nothing', async () => {
  await using sharer = await fileSharer()
  for (const { what, parts, named } of BAD_FORMS) {
    const response = await post(sharer, rawForm(...parts))

    expect({ what, status: response.status, body: await response.json() }).toEqual({
      what,
      status: 400,
      body: { error: 'invalid_request', message: expect.stringContaining(named) },
    } as never)
    await expectNothingLeft(sharer)
  }
})

test('a body that is no form, or ends in the middle of the file, is refused and leaves nothing', async () => {
  await using sharer = await fileSharer()
  const whole = rawForm(['name="file"; filename="a.txt"', 'x'.repeat(100_000)])

  const json = await sharer.app.call('POST', '/api/files', { token: sharer.token, body: { file: 'x' } })
  const cut = await post(sharer, whole.slice(0, 60_000))

  expect([json.status, cut.status]).toEqual([400, 400])
  expect(await cut.json()).toEqual({
    error: 'invalid_request',
    message: 'Bad request: the body ended early.',
  })
  await expectNothingLeft(sharer)
})

test('a client that goes away in the middle of the file leaves nothing', async () => {
  await using sharer = await fileSharer()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(
        Buffer.from(rawForm(['name="file"; filename="a.txt"', 'x'.repeat(3_000_000)]).slice(0, -50)),
      )
    },
    pull: (controller) => controller.error(new Error('gone')),
  })

  const response = await post(sharer, body)

  expect(response.status).toBe(400)
  await expectNothingLeft(sharer)
})

test('a body that announces more than a file may have is refused before it is read', async () => {
  await using sharer = await fileSharer()

  const response = await sharer.app.call('POST', '/api/files', {
    token: sharer.token,
    rawBody: rawForm(FILE),
    headers: {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': String(MAX_FILE_BYTES + 1_000_000),
    },
  })

  expect(response.status).toBe(413)
  expect(await response.json()).toEqual({ error: 'too_large', message: 'A file must have at most 500 MB.' })
  await expectNothingLeft(sharer)
})

test('a file that grows too large while it is sent is refused, and leaves nothing', async () => {
  const maxFileBytes = 4 * 1024 * 1024
  await using sharer = await fileSharer({ plan: 'Enterprise', maxFileBytes })
  const chunk = Buffer.alloc(300_000)
  let sentBytes = 0
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) =>
        controller.enqueue(
          Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n`),
        ),
      pull(controller) {
        if (sentBytes > 2 * maxFileBytes) controller.close()
        else controller.enqueue(chunk)
        sentBytes += chunk.length
      },
    },
    { highWaterMark: 0 },
  )

  const response = await post(sharer, body)

  expect(response.status).toBe(413)
  expect((await sharer.upload(Buffer.alloc(maxFileBytes))).status).toBe(200)
  expect((await sharer.upload(Buffer.alloc(maxFileBytes + 1))).status).toBe(413)
  expect(sharer.stored()).toHaveLength(1)
})

test.each([
  { method: 'POST', path: '/api/files', ability: 'files:write' },
  { method: 'GET', path: '/api/files', ability: 'files:read' },
  { method: 'DELETE', path: '/api/files/ID', ability: 'files:write' },
] as const)('$method $path needs a key that may, and another team’s file is unknown', async (endpoint) => {
  await using sharer = await fileSharer()
  const { app } = sharer
  const id = await sharer.givenFile('x')
  const other = await app.givenAccount({ plan: 'Pro', key: { dialect: 'lynk' } })
  const narrow = await app.givenAccount({
    plan: 'Pro',
    key: { dialect: 'lynk', abilities: [endpoint.ability === 'files:read' ? 'files:write' : 'files:read'] },
  })
  const ask = (token: string | undefined) => {
    const form = new FormData()
    form.set('file', new File(['x'], 'a'))
    return app.call(endpoint.method, endpoint.path.replace('ID', id), {
      token,
      ...(endpoint.method === 'POST' && { rawBody: form }),
    })
  }

  const anonymous = await ask(undefined)
  const wrong = await ask('lynk_00000000000000000000000000000000')
  const forbidden = await ask(narrow.key.secret)
  const foreign = await ask(other.key.secret)

  expect(anonymous.status).toBe(401)
  expect(await anonymous.json()).toEqual({ error: 'unauthorized', message: 'Missing API key.' })
  expect(await wrong.json()).toEqual({ error: 'unauthorized', message: 'Invalid API key.' })
  expect(forbidden.status).toBe(403)
  if (endpoint.method === 'GET') expect(await foreign.json()).toEqual([])
  if (endpoint.method === 'DELETE') expect(foreign.status).toBe(404)
  expect((await sharer.list()).map((file) => file.id)).toEqual([id])
})

test('an id that is none is unknown', async () => {
  await using sharer = await fileSharer()

  for (const id of ['x', '0'.repeat(32), 'A'.repeat(32), '%00']) {
    const deleted = await sharer.app.call('DELETE', `/api/files/${id}`, { token: sharer.token })
    expect([400, 404]).toContain(deleted.status)
    expect([400, 404]).toContain((await sharer.app.request(`/dl/${id}`)).status)
  }
})

const NAMES = [
  { sent: '../../etc/passwd', shown: '.._.._etc_passwd' },
  { sent: 'C:\\Windows\\a.exe', shown: 'C:_Windows_a.exe' },
  { sent: 'invoice\u202Efdp.exe', shown: 'invoice\uFFFDfdp.exe' },
  { sent: 'a\r\nSet-Cookie: x', shown: 'a\uFFFD\uFFFDSet-Cookie: x' },
  { sent: 'größe – 尺寸 👨‍👩‍👧.txt', shown: 'größe – 尺寸 👨‍👩‍👧.txt' },
  { sent: '..', shown: 'unnamed..' },
  { sent: `${'ä'.repeat(200)}.tar.gz`, shown: `${'ä'.repeat(124)}….gz` },
]

test('a file’s name is shown for what it is, and can do nothing', async () => {
  await using sharer = await fileSharer()
  for (const { sent, shown } of NAMES) {
    const id = await sharer.givenFile('x', { name: sent })

    expect((await sharer.list())[0]?.original_name).toBe(shown)
    const { headers } = await sharer.app.request(`/dl/${id}`, { method: 'HEAD' })
    const disposition = headers.get('content-disposition') ?? ''
    expect(disposition).toMatch(/^attachment; filename=/)
    if (/[^ -~]/.test(shown)) expect(disposition).toContain("filename*=UTF-8''")
  }
})

test('a file with neither name nor type is kept as what it is', async () => {
  await using sharer = await fileSharer()

  await post(sharer, rawForm(['name="file"; filename=""', 'content']))
  await sharer.givenFile('x', { type: 'no type at all' })

  const files = await sharer.list()
  expect(files.map((file) => [file.original_name, file.mime_type])).toEqual([
    ['report.pdf', 'application/octet-stream'],
    ['unnamed', 'application/octet-stream'],
  ])
})

const SMALL_PLANS = {
  ...DEFAULT_PLANS,
  plans: DEFAULT_PLANS.plans.map((plan) =>
    plan.name === 'Starter' ? { ...plan, fileCount: 3, fileStorageBytes: 1_000 } : plan,
  ),
}

test('the files of a team stay within its plan, also when they come together', async () => {
  await using sharer = await fileSharer({ plans: SMALL_PLANS, plan: 'Starter' })

  const responses = await Promise.all(Array.from({ length: 8 }, () => sharer.upload('x'.repeat(400))))

  expect(responses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    200, 200, 402, 402, 402, 402, 402, 402,
  ])
  const refused = await sharer.upload('x'.repeat(201))
  expect(refused.status).toBe(402)
  expect(await refused.json()).toEqual({
    error: 'storage_limit_reached',
    message: expect.stringContaining('Starter plan'),
  } as never)
  // What is left is used to the last byte.
  expect((await sharer.upload('x'.repeat(200))).status).toBe(200)
  const [file] = await sharer.list()
  expect(sharer.stored()).toHaveLength(3)
  expect((await sharer.upload('')).status).toBe(402)

  // Deleting makes room at once.
  await sharer.app.call('DELETE', `/api/files/${file?.id ?? ''}`, { token: sharer.token })
  expect((await sharer.upload('x'.repeat(200))).status).toBe(200)
})

test('a larger plan has room at once', async () => {
  await using sharer = await fileSharer({ plans: SMALL_PLANS, plan: 'Starter' })
  expect((await sharer.upload('x'.repeat(1_001))).status).toBe(402)
  const { services } = sharer.app.app
  const { team_id: teamId } = await services.db
    .selectFrom('api_key')
    .select('team_id')
    .executeTakeFirstOrThrow()

  await setPlan(services, teamId, 'Core')

  expect((await sharer.upload('x'.repeat(1_001))).status).toBe(200)
})

test('the address given is sent a mail with the link, in which the name is only text', async () => {
  await using sharer = await fileSharer()
  const { services } = sharer.app.app

  const id = await sharer.givenFile('x', {
    name: '<b>"bold" & ready.pdf',
    fields: { email: 'Recipient@Example.com', password: 'secret123', expires_in_days: '2' },
  })

  const [delivery, ...more] = await services.db.selectFrom('delivery').selectAll().execute()
  expect(more).toEqual([])
  const mail = JSON.parse(services.secrets.open('mail', delivery?.content ?? '')) as Record<string, string>
  expect(mail).toMatchObject({
    to: 'recipient@example.com',
    subject: 'user1@example.com shared a file with you: <b>"bold" & ready.pdf',
  })
  expect(mail['text']).toContain(`http://s.test/dl/${id}`)
  expect(mail['text']).toContain('until 2026-01-04 03:04 UTC')
  expect(mail['html']).toContain('&#60;b&#62;&#34;bold&#34; &#38; ready.pdf')
  expect(JSON.stringify(mail)).not.toContain('secret123')
})

test('a team can have so many mails sent an hour, and an upload that would be one more is refused whole', async () => {
  await using sharer = await fileSharer()
  const fields = { email: 'recipient@example.com' }
  for (let n = 0; n < 20; n++) await sharer.givenFile('x', { fields })

  const response = await sharer.upload('x', { fields })

  expect(response.status).toBe(429)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(3_000)
  expect(await sharer.list()).toHaveLength(20)
  expect(sharer.stored()).toHaveLength(20)
  expect((await sharer.upload('x')).status).toBe(200)
})

test('a file that has expired is gone at once, and its bytes with the next sweep', async () => {
  await using sharer = await fileSharer()
  const { app } = sharer
  const id = await sharer.givenFile('x', { fields: { expires_in_days: '1' } })
  const kept = await sharer.givenFile('y')

  app.setNow(new Date(NOW.getTime() + 24 * 60 * 60 * 1000 - 1))
  expect((await app.request(`/dl/${id}`)).status).toBe(200)
  app.setNow(new Date(NOW.getTime() + 24 * 60 * 60 * 1000))

  expect((await app.request(`/dl/${id}`)).status).toBe(404)
  expect((await app.call('DELETE', `/api/files/${id}`, { token: sharer.token })).status).toBe(404)
  expect((await sharer.list()).map((file) => file.id)).toEqual([kept])
  expect(await sweepFiles(app.app.services)).toEqual({ lostUploads: 0, expired: 1, erased: 1 })
  expect(sharer.stored()).toHaveLength(1)
  expect(
    await app.app.services.db.selectFrom('file_usage').select(['files', 'size_bytes']).execute(),
  ).toEqual([{ files: 1, size_bytes: 1 }])
})

test('an upload whose process is gone is given up when its lease is over, and its room given back', async () => {
  await using sharer = await fileSharer()
  const { services } = sharer.app.app
  const draft = await services.files.create('f'.repeat(32), () => Promise.resolve())
  await draft.write(Buffer.from('lost'))
  await draft.finish()
  const { team_id } = await services.db.selectFrom('api_key').select('team_id').executeTakeFirstOrThrow()
  await services.db.insertInto('file_usage').values({ team_id, files: 1, size_bytes: 100 }).execute()
  await services.db
    .insertInto('file_upload')
    .values({
      storage_key: 'f'.repeat(32),
      team_id,
      draft_ref: null,
      reserved_bytes: 100,
      lease_until_ms: NOW.getTime() + 1_000,
    })
    .execute()

  expect(await sweepFiles(services)).toEqual({ lostUploads: 0, expired: 0, erased: 0 })
  expect(sharer.stored()).toHaveLength(1)
  sharer.app.setNow(new Date(NOW.getTime() + 2_000))
  expect(await sweepFiles(services)).toEqual({ lostUploads: 1, expired: 0, erased: 1 })

  await expectNothingLeft(sharer)
})

test('a file is deleted while somebody downloads it: that download goes on to its end', async () => {
  await using sharer = await fileSharer()
  const { app } = sharer
  const content = Buffer.alloc(3_000_000, 'abc')
  const id = await sharer.givenFile(content)
  const download = await app.request(`/dl/${id}`)
  const reader = download.body?.getReader()
  const first = await reader?.read()

  await app.call('DELETE', `/api/files/${id}`, { token: sharer.token })
  await sweepFiles(app.app.services)
  expect(sharer.stored()).toEqual([])

  const chunks = [first?.value ?? new Uint8Array()]
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read())
    chunks.push(read.value)
  expect(Buffer.concat(chunks).equals(content)).toBe(true)
})
