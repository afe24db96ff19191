import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { secureRandom } from '#core/random.ts'

/** A place in a spool: the byte `offset` of segment number `segment`. */
export interface SpoolPosition {
  readonly segment: number
  readonly offset: number
}

/** No segment may be longer, so that a position fits one number. */
export const MAX_SEGMENT_BYTES = 2 ** 28

const SEGMENT_FILE = /^(\d{12})\.spool$/
const NAME_FILE = 'name'
const NAME_CHARACTERS = 20

/** A position as one number that orders as positions do; safe up to segment 33,554,431. */
export function positionNumber(position: SpoolPosition): number {
  return position.segment * MAX_SEGMENT_BYTES + position.offset
}

/** Where the spool of a data directory is. */
export function spoolDirOf(dataDir: string): string {
  return join(dataDir, 'spool')
}

/** The path of a segment's file. */
export function segmentPath(dir: string, segment: number): string {
  return join(dir, `${String(segment).padStart(12, '0')}.spool`)
}

/** The numbers of the segments in a directory, ascending. */
export function listSegments(dir: string): number[] {
  return readdirSync(dir)
    .flatMap((file) => SEGMENT_FILE.exec(file)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** The name that tells this spool from those of other servers on the same database; undefined before it has one. */
export function readSpoolName(dir: string): string | undefined {
  try {
    return readFileSync(join(dir, NAME_FILE), 'utf8').trim() || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Give the spool a new name, and return it; a process that is killed meanwhile leaves the old one. */
export function nameSpool(dir: string): string {
  const name = secureRandom.base62(NAME_CHARACTERS)
  const path = join(dir, NAME_FILE)
  writeFileSync(`${path}.tmp`, name, { mode: 0o600, flush: true })
  renameSync(`${path}.tmp`, path)
  return name
}
