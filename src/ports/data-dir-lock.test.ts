import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataDirInUseError, dataDirHolder, lockDataDir } from './data-dir-lock.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onehop-test-'))
})

afterEach(async () => {
  await rm(dir, { recursive: true })
})

test('a directory without a server can be locked, again and again', () => {
  lockDataDir(dir).release()

  const lock = lockDataDir(dir)

  expect(dataDirHolder(dir)).toEqual({ pid: process.pid })
  lock.release()
  expect(dataDirHolder(dir)).toBeUndefined()
})

test('a second server in the same process is refused', () => {
  const lock = lockDataDir(dir)

  expect(() => lockDataDir(dir)).toThrow(DataDirInUseError)

  expect(dataDirHolder(dir)).toEqual({ pid: process.pid })
  lock.release()
})

test('a second server in another process is refused, with the directory, the process and what to do', async () => {
  await using server = await startServer()

  expect(() => lockDataDir(dir)).toThrow(
    `A server (process ${server.pid}) is already running on the data directory ${dir}. Stop it first, or give this one a directory of its own with ONEHOP_DATA_DIR.`,
  )
  expect(dataDirHolder(dir)).toEqual({ pid: server.pid })
})

test.each(['SIGTERM', 'SIGKILL'] as const)('a server that ended by %s holds nothing', async (signal) => {
  await using server = await startServer()

  await server.end(signal)

  expect(dataDirHolder(dir)).toBeUndefined()
  const lock = lockDataDir(dir)
  expect(dataDirHolder(dir)).toEqual({ pid: process.pid })
  lock.release()
})

test('of several servers that start together one wins', async () => {
  const children = await Promise.all([startServer(), startServer(), startServer()])

  const winners = children.filter((child) => child.isRunning)

  expect(winners).toHaveLength(1)
  expect(dataDirHolder(dir)).toEqual({ pid: winners[0]?.pid })
  for (const child of children) await child.end('SIGKILL')
})

/** Another process that locks the directory and stays, or fails to and ends. */
async function startServer() {
  const child = Bun.spawn(
    [
      process.execPath,
      '--no-install',
      '--no-env-file',
      '-e',
      `const { lockDataDir } = await import(process.env.LOCK_MODULE)
       globalThis.lock = lockDataDir(process.env.LOCK_DIR)
       console.log('locked')
       setInterval(() => {}, 1000)`,
    ],
    {
      env: { ...process.env, LOCK_DIR: dir, LOCK_MODULE: import.meta.resolve('./data-dir-lock.ts') },
      stdout: 'pipe',
      stderr: 'ignore',
    },
  )
  const { value } = await child.stdout.getReader().read()
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await child.exited
  }
  return {
    pid: child.pid,
    isRunning: value !== undefined,
    end,
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  }
}
