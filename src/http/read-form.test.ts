import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DomainError } from '#core/errors.ts'
import { formBoundary, readForm } from './read-form.ts'

const BOUNDARY = '----b'

/** What a form was read as: fields and files in their order, files with their bytes. */
type Read = (
  | readonly [string, string]
  | { field: string; fileName: string; contentType: string; bytes: Buffer }
)[]

async function readChunks(chunks: readonly Uint8Array[], boundary = BOUNDARY): Promise<Read> {
  const parts: Read = []
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) if (chunk.length > 0) controller.enqueue(chunk)
      controller.close()
    },
  })
  await readForm(new Request('http://s.test/', { method: 'POST', body }), boundary, {
    onField: (name, value) => void parts.push([name, value]),
    onFile: (file) => void parts.push({ ...file, bytes: Buffer.alloc(0) }),
    onFileBytes(chunk) {
      const file = parts.at(-1)
      if (file === undefined || !('bytes' in file)) throw new Error('bytes of no file')
      file.bytes = Buffer.concat([file.bytes, chunk])
      return Promise.resolve()
    },
  })
  return parts
}

const readText = (text: string) => readChunks([Buffer.from(text)])

async function problemOf(text: string): Promise<unknown> {
  return readText(text).then(
    () => 'no problem',
    (error: unknown) =>
      error instanceof DomainError ? (error as DomainError<'malformed-request'>).details.problem : error,
  )
}

const filePart = (content: string | Buffer, disposition = 'name="file"; filename="a"') =>
  Buffer.concat([
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: text/x\r\n\r\n`,
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ])
const END_TEXT = `--${BOUNDARY}--\r\n`
const END = Buffer.from(END_TEXT)

/** Bytes that are full of what boundaries are made of. */
const trickyBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r',
        '\n',
        '\r\n',
        '-',
        '--',
        '\r\n--',
        `\r\n--${BOUNDARY}x`,
        `--${BOUNDARY}`,
        BOUNDARY,
        '\0',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.from(parts.join('')))
  .filter((bytes) => !/\r\n------b(--|\r\n)/.test(`\r\n${bytes.toString('latin1')}\r\n`))

test('a form is read the same in whatever pieces it comes, and a file is what was sent to the byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      trickyBytes,
      fc.array(fc.nat({ max: 400 }), { maxLength: 12 }),
      fc.boolean(),
      async (content, cuts, isFieldFirst) => {
        const field = Buffer.from(
          `--${BOUNDARY}\r\nContent-Disposition: form-data; name="password"\r\n\r\ngeheim ✓\r\n`,
        )
        const file = filePart(content)
        const whole = Buffer.concat([...(isFieldFirst ? [field, file] : [file, field]), END])
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
        const chunks = places.slice(1).map((place, index) => whole.subarray(places[index], place))

        const parts = await readChunks(chunks)

        const expected = [
          ['password', 'geheim ✓'],
          { field: 'file', fileName: 'a', contentType: 'text/x', bytes: content },
        ]
        expect(parts).toEqual((isFieldFirst ? expected : expected.toReversed()) as Read)
      },
    ),
    { numRuns: 400 },
  )
})

test('what the runtime itself writes as a form is read', async () => {
  const form = new FormData()
  form.set('file', new File(['content'], 'größe "1".txt', { type: 'text/plain' }))
  form.set('email', 'a@example.com')
  const request = new Request('http://s.test/', { method: 'POST', body: form })
  const boundary = formBoundary(request.headers)

  const parts = await readChunks([new Uint8Array(await request.arrayBuffer())], boundary)

  expect(parts).toEqual([
    expect.objectContaining({ field: 'file', fileName: 'größe "1".txt', bytes: Buffer.from('content') }),
    ['email', 'a@example.com'],
  ])
})

test.each([
  { disposition: 'name="file"; filename="C:\\dir\\a.txt"', fileName: 'C:\\dir\\a.txt' },
  { disposition: 'name="file"; filename="a;b=c.txt"', fileName: 'a;b=c.txt' },
  { disposition: 'name="file"; filename="%22%0d%0A"', fileName: '"\r\n' },
  { disposition: 'name="file"; filename="x"; filename*=UTF-8\'\'na%C3%AFve.txt', fileName: 'naïve.txt' },
  { disposition: 'name=file; filename=plain.txt', fileName: 'plain.txt' },
  { disposition: 'name="file"; filename=""', fileName: '' },
])('a file sent with $disposition is called $fileName', async ({ disposition, fileName }) => {
  const parts = await readChunks([filePart('x', disposition), END])

  expect(parts).toEqual([expect.objectContaining({ field: 'file', fileName })])
})

test.each([
  { what: 'nothing', text: '', problem: 'the body ended early' },
  { what: 'an end without parts and nothing else', text: `--${BOUNDARY}`, problem: 'the body ended early' },
  { what: 'no boundary', text: 'x'.repeat(10_000), problem: 'the body does not begin with its boundary' },
  { what: 'a part cut off', text: filePart('abc').toString(), problem: 'the body ended early' },
  {
    what: 'a part without a name',
    text: `--${BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n${END_TEXT}`,
    problem: 'a part of the form has no name',
  },
  {
    what: 'a head that does not end',
    text: `--${BOUNDARY}\r\nX: ${'x'.repeat(20_000)}`,
    problem: 'the head of a part is too long',
  },
  {
    what: 'a field that does not end',
    text: `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'x'.repeat(20_000)}\r\n${END_TEXT}`,
    problem: 'the field a is too long',
  },
  {
    what: 'too many parts',
    text: `${filePart('x').toString().repeat(33)}${END_TEXT}`,
    problem: 'the form has more than 32 parts',
  },
  {
    what: 'much after its end',
    text: `${filePart('x').toString()}${END_TEXT}${'x'.repeat(20_000)}`,
    problem: 'the body goes on after its last boundary',
  },
  {
    what: 'NUL in a field',
    text: `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n\0\r\n${END_TEXT}`,
    problem: 'the field a must not contain NUL characters',
  },
])('a form of $what is refused', async ({ text, problem }) => {
  expect(await problemOf(text)).toBe(problem)
})

test('a field that is not UTF-8 is refused', async () => {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n`
  const body = Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from('\r\n'), END])

  const failure = await readChunks([body]).catch((error: unknown) => error)

  expect(failure).toMatchObject({ details: { problem: 'the field a is not UTF-8' } })
})

test.each([
  { type: 'application/json' },
  { type: 'multipart/form-data' },
  { type: 'multipart/mixed; boundary=x' },
  { type: 'multipart/form-data; boundary=' },
  { type: `multipart/form-data; boundary=${'x'.repeat(300)}` },
])('a body of $type is no form', ({ type }) => {
  expect(() => formBoundary(new Headers({ 'content-type': type }))).toThrow('malformed-request')
})
