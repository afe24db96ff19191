import { expect, test } from 'bun:test'
import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { openServices } from '#cli/open-services.ts'
import { parseConfig } from '#config/parse-config.ts'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { filesBelow } from '#testing/files.ts'
import { type ServerProcess, startServerProcess } from '#testing/server-process.ts'
import { TEST_DB, testDatabases } from '#testing/test-database.ts'
import { until } from '#testing/until.ts'

const MIB = 1024 * 1024
const HEAD = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
const TAIL = '\r\n--b--\r\n'

/** Databases and an account, for servers that come and go. */
async function prepared() {
  await using stack = new AsyncDisposableStack()
  const { dir, location } = stack.use(await testDatabases())
  const env = { ...(location?.kind === 'postgres' && { DATABASE_URL: location.url }) }
  const { services } = stack.use(await openServices(parseConfig({ ...env, ONEHOP_DATA_DIR: dir }).config))
  const email = parseEmail('owner@example.com')
  const user = await createAccount(services, { email, password: parsePassword('correct horse') }, {})
  const { secret } = await issueOperatorKey(services, user, {
    dialect: 'lynk',
    name: 'test',
    abilities: ['*'],
  })
  const disposables = stack.move()
  return {
    services,
    secret,
    files: join(dir, 'files'),
    start: () => startServerProcess({ dataDir: dir, env }),
    /** Begin to upload, and send so much of the file. */
    begin(server: ServerProcess, sentBytes: number) {
      const upload = httpRequest(`http://127.0.0.1:${server.port}/api/files`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'multipart/form-data; boundary=b' },
      })
      // The server is killed under it.
      upload.on('error', () => {})
      upload.write(HEAD)
      upload.write(randomBytes(sentBytes))
      return upload
    },
    async upload(server: ServerProcess, content: Buffer): Promise<string> {
      const answer = await fetch(`http://127.0.0.1:${server.port}/api/files`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'multipart/form-data; boundary=b' },
        body: Buffer.concat([Buffer.from(HEAD), content, Buffer.from(TAIL)]),
      })
      expect(answer.status).toBe(200)
      return ((await answer.json()) as { id: string }).id
    },
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  }
}

test.skipIf(TEST_DB === 'pglite')(
  'a server that is killed in the middle of uploads has every file it answered for, and nothing of the others',
  async () => {
    await using s = await prepared()
    const contents = Array.from({ length: 4 }, (_, n) => randomBytes(MIB + n))
    const first = await s.start()
    const ids = await Promise.all(contents.map((content) => s.upload(first, content)))
    for (let n = 0; n < 3; n++) s.begin(first, 3 * MIB)
    await until(() => filesBelow(join(s.files, 'incoming')).length === 3)

    await first.end('SIGKILL')
    const { db } = s.services
    expect(await db.selectFrom('file_upload').selectAll().execute()).toHaveLength(3)
    await using second = await s.start()

    for (const [index, id] of ids.entries()) {
      const answer = await fetch(`http://127.0.0.1:${second.port}/dl/${id}`)
      const content = contents[index] ?? Buffer.alloc(0)
      // The length goes through the front, although the runtime sends streams without it.
      expect(answer.headers.get('content-length')).toBe(String(content.length))
      expect([...answer.headers.keys()].filter((name) => name.startsWith('x-onehop'))).toEqual([])
      expect(answer.headers.get('etag')).toBe(`"${createHash('sha256').update(content).digest('hex')}"`)
      expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true)
    }
    expect(filesBelow(s.files)).toHaveLength(ids.length)
    expect(await db.selectFrom('file_upload').selectAll().execute()).toEqual([])
    const sizeBytes = contents.reduce((sum, content) => sum + content.length, 0)
    expect(await db.selectFrom('file_usage').select(['files', 'size_bytes']).execute()).toEqual([
      { files: ids.length, size_bytes: sizeBytes },
    ])
    await until(async () => (await db.selectFrom('file_erasure').selectAll().execute()).length === 0)
  },
)

test.skipIf(TEST_DB === 'pglite')(
  'a server that is told to stop in the middle of an upload leaves nothing of it',
  async () => {
    await using s = await prepared()
    const server = await s.start()
    s.begin(server, 3 * MIB)
    await until(() => filesBelow(join(s.files, 'incoming')).length === 1)

    const end = await server.end('SIGTERM')
    expect(end.exitCode).toBe(0)
    await using _ = await s.start()

    expect(filesBelow(s.files)).toEqual([])
    expect(await s.services.db.selectFrom('file_usage').select('files').execute()).toEqual([{ files: 0 }])
  },
)

test.skipIf(TEST_DB !== 'sqlite')(
  'a client that sends all of a refused upload before it listens hears why',
  async () => {
    await using s = await prepared()
    await using server = await s.start()
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString()
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(text))
      socket.write(
        `POST /api/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${s.secret}\r\nConnection: close\r\n` +
          'Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n',
      )
      const part = '--b\r\nContent-Disposition: form-data; name="expires_in_days"\r\n\r\n0\r\n' + HEAD
      socket.write(`${part.length.toString(16)}\r\n${part}\r\n`)
      const chunk = Buffer.concat([
        Buffer.from(`${MIB.toString(16)}\r\n`),
        Buffer.alloc(MIB),
        Buffer.from('\r\n'),
      ])
      for (let n = 0; n < 16; n++) socket.write(chunk)
      socket.write('0\r\n\r\n')
    })

    expect(answer).toStartWith('HTTP/1.1 400 ')
    expect(answer).toContain('expires_in_days must be a whole number')
  },
)

test.skipIf(TEST_DB !== 'sqlite')(
  'an upload that announces more than anything may have is refused in the API’s words',
  async () => {
    await using s = await prepared()
    await using server = await s.start()
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString()
        if (text.includes('}')) socket.destroy()
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(text))
      socket.write(
        `POST /api/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${s.secret}\r\n` +
          'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 2000000000\r\n\r\n',
      )
    })

    expect(answer).toStartWith('HTTP/1.1 413 ')
    expect(answer).toContain('"too_large"')
  },
)
