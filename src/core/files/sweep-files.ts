import { inTransaction, type Services } from '#core/context.ts'
import { findExpiredFiles } from './file-queries.ts'
import { removeFile } from './manage-files.ts'
import {
  deleteErasure,
  deleteUpload,
  findErasures,
  findLostUploads,
  insertErasure,
  releaseFileRoom,
} from './upload-queries.ts'

/** Rows that are read at a time. */
const AT_ONCE = 200

/** What a sweep has removed. */
export interface SweptFiles {
  readonly lostUploads: number
  readonly expired: number
  readonly erased: number
}

/**
 * Remove the files whose time is over, what uploads left that were lost with their process, and the bytes of everything
 * that was deleted. What is to be done is in the database: doing it twice, or by two at once, does it once.
 *
 * @throws Error when the store failed to erase something, which the next sweep tries again
 */
export async function sweepFiles(services: Services): Promise<SweptFiles> {
  return {
    lostUploads: await giveUpUploads(services, services.now()),
    expired: await removeExpired(services),
    erased: await eraseFiles(services),
  }
}

/**
 * Give up what was being uploaded when the server ended, before anything is uploaded again: in a store that is this
 * process's alone, every upload on record. Of a store that others write to, the sweeps find what is lost.
 */
export async function giveUpOwnUploads(services: Services): Promise<void> {
  if (services.files.isExclusive) await giveUpUploads(services, undefined)
}

/** @param leaseBefore those whose lease ended by then; undefined for all */
async function giveUpUploads(services: Services, leaseBefore: Date | undefined): Promise<number> {
  let count = 0
  for (;;) {
    const lost = await findLostUploads(services.db, leaseBefore, AT_ONCE)
    for (const { storageKey } of lost)
      await inTransaction(services, async (tx) => {
        const upload = await deleteUpload(tx.db, storageKey)
        if (upload === undefined) return
        await releaseFileRoom(tx.db, upload.teamId, { files: 1, bytes: upload.reservedBytes })
        await insertErasure(tx.db, upload)
      })
    count += lost.length
    if (lost.length < AT_ONCE) return count
  }
}

async function removeExpired(services: Services): Promise<number> {
  let count = 0
  for (;;) {
    const expired = await findExpiredFiles(services.db, services.now(), AT_ONCE)
    for (const file of expired) await removeFile(services, file)
    count += expired.length
    if (expired.length < AT_ONCE) return count
  }
}

/**
 * Erase the bytes of what was deleted.
 *
 * @returns how many files' bytes were erased
 * @throws Error when some could not be
 */
export async function eraseFiles(services: Services): Promise<number> {
  const failures: unknown[] = []
  let after = ''
  let count = 0
  for (;;) {
    const erasures = await findErasures(services.db, after, AT_ONCE)
    for (const { storageKey, draftRef } of erasures) {
      after = storageKey
      try {
        await services.files.erase(storageKey, draftRef)
        await deleteErasure(services.db, storageKey)
        count++
      } catch (error) {
        failures.push(error)
      }
    }
    if (erasures.length < AT_ONCE) break
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} files could not be erased`)
  return count
}
