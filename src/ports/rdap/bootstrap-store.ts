import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { OutgoingError } from '#ports/outgoing/outgoing-error.ts'
import {
  type Bootstrap,
  BOOTSTRAP_FILES,
  type BootstrapEntries,
  type BootstrapFile,
  parseBootstrap,
} from './bootstrap.ts'

/** The bootstrap files of IANA, kept on disk and renewed when they are old. */
export interface BootstrapStore {
  /** What is known now. The first call reads the disk; what is old is renewed behind it. */
  current(): Promise<Bootstrap>
  /** What is known after the renewal that is under way, if one is. */
  renewed(): Promise<Bootstrap>
}

export interface BootstrapStoreOptions {
  readonly outgoing: Pick<OutgoingClient, 'request'>
  /** Where the files are kept; made when it is not there. In memory alone when undefined. */
  readonly dir: string | undefined
  /** Where they come from, with a slash at the end. */
  readonly url: string
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

const MAX_AGE_MS = 24 * 60 * 60 * 1000
/** After a renewal that failed. */
const RETRY_MS = 10 * 60 * 1000
const MAX_FILE_BYTES = 4 * 1024 * 1024
const TIMEOUT_MS = 10_000

interface Kept {
  readonly entries: BootstrapEntries
  readonly atMs: number
}

export function createBootstrapStore(options: BootstrapStoreOptions): BootstrapStore {
  const { outgoing, dir, url, nowMs } = options
  const files = new Map<BootstrapFile, Kept>()
  let loaded: Promise<void> | undefined
  let renewal: Promise<void> | undefined
  let notBeforeMs = 0

  async function load(): Promise<void> {
    if (dir === undefined) return
    await Promise.all(
      BOOTSTRAP_FILES.map(async (file) => {
        const path = join(dir, `${file}.json`)
        const kept = await readKept(path)
        if (kept !== undefined) files.set(file, kept)
      }),
    )
  }

  function isOld(file: BootstrapFile): boolean {
    const kept = files.get(file)
    return kept === undefined || nowMs() - kept.atMs > MAX_AGE_MS
  }

  function renewWhatIsOld(): void {
    const old = BOOTSTRAP_FILES.filter(isOld)
    if (old.length === 0 || renewal !== undefined || nowMs() < notBeforeMs) return
    renewal = Promise.all(old.map(renew)).then((outcomes) => {
      renewal = undefined
      notBeforeMs = outcomes.every(Boolean) ? 0 : nowMs() + RETRY_MS
    })
  }

  /** @returns whether it is new now; what was there stays where it is not */
  async function renew(file: BootstrapFile): Promise<boolean> {
    const text = await download(`${url}${file}.json`)
    const entries = text === undefined ? undefined : parseBootstrap(text)
    if (text === undefined || entries === undefined) return false
    files.set(file, { entries, atMs: nowMs() })
    await keep(file, text)
    return true
  }

  async function download(address: string): Promise<string | undefined> {
    try {
      const { status, body } = await outgoing.request({
        url: address,
        headers: { accept: 'application/json' },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_FILE_BYTES,
        maxRedirects: 2,
      })
      return status === 200 ? Buffer.from(body).toString('utf8') : undefined
    } catch (error) {
      if (error instanceof OutgoingError) return undefined
      throw error
    }
  }

  /** Several processes may do it at once. A directory that cannot be written to costs a download at each start. */
  async function keep(file: BootstrapFile, text: string): Promise<void> {
    if (dir === undefined) return
    const draft = join(dir, `${file}.json.${randomUUID()}`)
    try {
      await mkdir(dir, { recursive: true })
      await writeFile(draft, text)
      await rename(draft, join(dir, `${file}.json`))
    } catch {
      // The draft may not be there either.
      await rm(draft, { force: true }).catch(() => {})
    }
  }

  async function current(): Promise<Bootstrap> {
    loaded ??= load()
    await loaded
    renewWhatIsOld()
    return Object.fromEntries([...files].map(([file, { entries }]) => [file, entries]))
  }

  return {
    current,
    async renewed() {
      await current()
      await renewal
      return current()
    },
  }
}

/** @returns undefined when it is not there, or damaged */
async function readKept(path: string): Promise<Kept | undefined> {
  try {
    const { mtimeMs, size } = await stat(path)
    const entries = size > MAX_FILE_BYTES ? undefined : parseBootstrap(await readFile(path, 'utf8'))
    return entries === undefined ? undefined : { entries, atMs: mtimeMs }
  } catch {
    return undefined
  }
}
