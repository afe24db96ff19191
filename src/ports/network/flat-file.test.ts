import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'bun:test'
import { type Column, FlatFileError, flatFileInMemory, openFlatFile, writeFlatFile } from './flat-file.ts'

const CONTENTS = {
  facts: { built: 'today' },
  columns: new Map<string, Column>([
    ['a/bytes', Uint8Array.of(1, 2, 3)],
    ['a/words', Uint32Array.of(4, 0xffff_ffff)],
    ['b/halves', Uint16Array.from({ length: 100_000 }, (_, i) => i % 65_536)],
    ['b/signed', Int32Array.of(-5)],
    ['b/nothing', new Uint32Array()],
  ]),
}
const HEADER_BYTES = 64

test('what was written is read again, from the file and from memory alike, and what is not there is empty', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'flat-'))
  const path = join(dir.path, 'x.flat')
  writeFlatFile(path, CONTENTS)

  using written = await openFlatFile(path)
  using inMemory = flatFileInMemory(CONTENTS)

  for (const file of [written, inMemory]) {
    expect(file.facts).toEqual({ built: 'today' })
    expect([...file.u8('a/bytes')]).toEqual([1, 2, 3])
    expect([...file.u32('a/words')]).toEqual([4, 0xffff_ffff])
    expect(file.u16('b/halves')[99_999]).toBe(99_999 % 65_536)
    expect([...file.i32('b/signed')]).toEqual([-5])
    for (const name of ['b/nothing', 'c/absent', '']) expect(file.u32(name)).toHaveLength(0)
    // A column read as something else than it is, too.
    expect(file.u32('a/bytes')).toHaveLength(0)
  }
  expect(readdirSync(dir.path)).toEqual(['x.flat'])
})

test('only what is asked for is mapped, and what is disposed of is empty', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'flat-'))
  const path = join(dir.path, 'x.flat')
  writeFlatFile(path, CONTENTS)
  const file = await openFlatFile(path)

  expect(file.mappedBytes()).toBe(0)
  const words = file.u32('a/words')
  expect(file.mappedBytes()).toBeLessThan(100)
  file[Symbol.dispose]()

  expect(words).toHaveLength(0)
  expect(file.u16('b/halves')).toHaveLength(0)
})

test('an open file stays what it is when another takes its name, also in what is read of it later', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'flat-'))
  const path = join(dir.path, 'x.flat')
  writeFlatFile(path, CONTENTS)
  using file = await openFlatFile(path)

  writeFlatFile(path, { facts: {}, columns: new Map([['b/halves', Uint16Array.of(7)]]) })

  expect(file.u16('b/halves')).toHaveLength(100_000)
  using next = await openFlatFile(path)
  expect([...next.u16('b/halves')]).toEqual([7])
})

test('a file cut short anywhere is refused with a sentence', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'flat-'))
  const path = join(dir.path, 'x.flat')
  writeFlatFile(path, CONTENTS)
  const bytes = readFileSync(path)

  const lengths = [0, 1, 8, 63, 64, 100, 65_536, bytes.length - 1]
  for (const length of lengths) {
    writeFileSync(path, bytes.subarray(0, length))
    expect(await refusal(path)).toMatch(/is no file of network data|is not whole|is damaged/)
  }
})

test('a file with any bit turned in what counts is refused; bits that nothing reads change nothing', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'flat-'))
  const path = join(dir.path, 'x.flat')
  writeFlatFile(path, CONTENTS)
  const bytes = readFileSync(path)
  const original = [...(await openFlatFile(path)).u16('b/halves')]
  let refused = 0

  for (let i = 0; i < 300; i++) {
    // Every bit of the header, then others all over the file.
    const bit = i < HEADER_BYTES * 2 ? i * 4 : Math.floor((i / 300) * bytes.length * 8) + (i % 8)
    const damaged = Buffer.from(bytes)
    damaged[bit >>> 3] = (damaged[bit >>> 3] ?? 0) ^ (1 << (bit & 7))
    writeFileSync(path, damaged)
    try {
      using file = await openFlatFile(path)
      expect([...file.u16('b/halves')]).toEqual(original)
    } catch (error) {
      expect(error).toBeInstanceOf(FlatFileError)
      refused++
    }
  }
  expect(refused).toBeGreaterThan(100)
})

test('a file of another version is refused by its number', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'flat-'))
  const path = join(dir.path, 'x.flat')
  writeFlatFile(path, CONTENTS)
  const bytes = readFileSync(path)
  bytes.writeUInt32LE(999, 8)
  writeFileSync(path, bytes)

  expect(await refusal(path)).toContain('is network data of format 999')
})

test('a process killed while it writes leaves the last good file, and the next writer succeeds', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'flat-'))
  const path = join(dir.path, 'x.flat')
  writeFlatFile(path, CONTENTS)
  copyFileSync(path, join(dir.path, 'before'))
  const module = join(import.meta.dir, 'flat-file.ts')
  const program = `
    import { writeFlatFile } from ${JSON.stringify(module)}
    const column = new Uint32Array(2_000_000).fill(9)
    console.log('begun')
    for (;;) writeFlatFile(${JSON.stringify(path)}, { facts: 'new', columns: new Map([['a/new', column]]) })`
  for (const delayMs of [0, 3, 9, 20]) {
    const child = Bun.spawn({ cmd: [process.execPath, '-e', program], stdout: 'pipe' })
    await child.stdout.getReader().read()
    await Bun.sleep(delayMs)
    child.kill('SIGKILL')
    await child.exited

    using file = await openFlatFile(path)
    expect(file.facts === 'new' ? file.u32('a/new').length : [...file.u8('a/bytes')].length).toBe(
      file.facts === 'new' ? 2_000_000 : 3,
    )
  }
})

async function refusal(path: string): Promise<string> {
  const error = await openFlatFile(path).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(FlatFileError)
  return (error as FlatFileError).message
}
