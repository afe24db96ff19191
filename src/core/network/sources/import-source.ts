import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { StoredFile } from '#ports/network/source-store.ts'
import { MAX_UNPACKED_BYTES } from './data-files.ts'
import { requireSource } from './require-source.ts'
import { SourceError } from './source-error.ts'
import { type SourceContext, storeDraft } from './store-draft.ts'

/** A file that the operator has. */
export interface FileToImport {
  /** The source it is of; which part of it the contents tell. */
  readonly source: string
  /** Plain, gzip or bzip2. */
  readonly path: string
  /** Take any number of rows. */
  readonly isForced: boolean
}

/**
 * Copy a file into the data directory as the newest of its source.
 *
 * @throws UnknownSourceError; SourceFormatError, PackedFileError or SourceError when the file is not good, and the last
 *   good one stays
 */
export async function importSource(ctx: SourceContext, file: FileToImport): Promise<StoredFile> {
  const source = requireSource(file.source)
  const found = await stat(file.path)
  if (!found.isFile()) throw new SourceError(`${file.path} is no file`)
  if (found.size > MAX_UNPACKED_BYTES)
    throw new SourceError(`${file.path} has more than ${MAX_UNPACKED_BYTES} bytes`)
  const path = ctx.store.draftPath()
  try {
    await pipeline(createReadStream(file.path), createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    return await storeDraft(ctx, source, {
      path,
      part: undefined,
      origin: basename(file.path),
      isDownload: false,
      etag: '',
      lastModified: found.mtime.toUTCString(),
      isForced: file.isForced,
    })
  } finally {
    rmSync(path, { force: true })
  }
}
