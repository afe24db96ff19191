import { expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMasterKey, MASTER_KEY_FILE } from './master-key.ts'

const freshDir = () => mkdtempSync(join(tmpdir(), 'onehop-test-'))

test('the key is made once, is the same afterwards, and is nobody else’s to read', () => {
  const dir = freshDir()
  const key = loadMasterKey(dir)

  expect(key).toMatch(/^[\w-]{43}$/)
  expect(loadMasterKey(dir)).toBe(key)
  expect(statSync(join(dir, MASTER_KEY_FILE)).mode & 0o777).toBe(0o600)
  expect(readdirSync(dir)).toEqual([MASTER_KEY_FILE])
  expect(loadMasterKey(freshDir())).not.toBe(key)
})

test('a damaged key file is refused, not replaced', () => {
  const dir = freshDir()
  writeFileSync(join(dir, MASTER_KEY_FILE), '\n')
  expect(() => loadMasterKey(dir)).toThrow('is damaged')
})
