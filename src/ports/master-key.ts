import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** The file of the data directory that the installation's own key is in. */
export const MASTER_KEY_FILE = 'secret.key'

const KEY_BYTES = 32
const MIN_KEY_LENGTH = 32

/**
 * The installation's master key, made at the first start. Processes that start together agree on one: whoever links
 * its file first has made it.
 *
 * @throws Error when the file holds less than 32 characters
 */
export function loadMasterKey(dataDir: string): string {
  const path = join(dataDir, MASTER_KEY_FILE)
  const found = readKey(path)
  if (found !== undefined) return found

  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('base64url')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
  const made = readKey(path)
  if (made === undefined) throw new Error(`${path} was made and is gone`)
  return made
}

function readKey(path: string): string | undefined {
  let key: string
  try {
    key = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (key.length < MIN_KEY_LENGTH)
    throw new Error(
      `${path} is damaged: it must hold at least ${MIN_KEY_LENGTH} characters. Restore it from a backup; without it, ` +
        'stored second factors and webhook secrets cannot be read. Deleting it makes a new one.',
    )
  return key
}
