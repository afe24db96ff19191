import { openMmdb } from '#ports/geo/mmdb.ts'
import { fieldsOfRecord } from '#ports/geo/place-record.ts'
import { unpackFile } from '#ports/network/unpack-file.ts'
import { MAX_UNPACKED_BYTES } from './data-files.ts'
import { dayOf } from './fields.ts'
import { type FileSummary, SourceFormatError } from './rows.ts'
import type { Content } from './source-table.ts'

/** So many of a database's records are looked at, spread over it. */
const RECORDS_LOOKED_AT = 500

/**
 * Read a whole file to see whether it is of its format, and what is in it. The rows of a database are its networks.
 *
 * @throws SourceFormatError or PackedFileError when it is not
 */
export async function inspectFile(content: Content, path: string): Promise<FileSummary> {
  if (content.kind === 'mmdb') return inspectDatabase(path)
  const parser = content.open(() => {})
  await unpackFile(path, MAX_UNPACKED_BYTES, (bytes) => parser.push(bytes))
  return parser.end()
}

function inspectDatabase(path: string): FileSummary {
  using database = openDatabase(path)
  let rows = 0
  let isUseful = false
  let nextLook = 1
  for (const version of [4, 6] as const)
    database.walk(version, (_words, _bits, place) => {
      rows++
      if (isUseful || rows < nextLook) return
      nextLook = rows + Math.ceil(rows / RECORDS_LOOKED_AT)
      const { country, city, asn } = fieldsOfRecord(database.record(place))
      isUseful = country !== '' || city !== '' || asn !== undefined
    })
  if (!isUseful)
    throw new SourceFormatError(
      `none of the ${rows} networks of this database has a country, a city or an AS number under a name that is known`,
    )
  const day = dayOf(database.builtAt.toISOString().slice(0, 10))
  return { rows, badRows: 0, day, part: `ipv${database.ipVersion}` }
}

function openDatabase(path: string) {
  try {
    return openMmdb(path)
  } catch (error) {
    // Its messages begin with the path, which is that of a draft.
    const reason = error instanceof Error ? error.message.replace(path, 'this') : String(error)
    throw new SourceFormatError(reason, { cause: error })
  }
}
