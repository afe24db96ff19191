import { takeAttempt } from '#core/accounts/attempts.ts'
import { inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { publishEvent } from '#core/webhooks/publish-event.ts'
import type { OpenFile } from '#ports/file-store/file-store.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'
import { isFileId, type SharedFile } from './file.ts'
import { addDownload, findFile } from './file-queries.ts'

/** Wrong passwords of one file from one address (IPv6: one /64). */
const PER_FILE_AND_CLIENT: RateLimit = { name: 'file-password', points: 10, windowS: 15 * 60 }
/** Wrong passwords of any files from one address. */
const PER_CLIENT: RateLimit = { name: 'file-password-client', points: 50, windowS: 15 * 60 }
/** Wrong passwords of one file from anywhere; after them it stays shut for everybody until the window ends. */
const PER_FILE: RateLimit = { name: 'file-password-file', points: 500, windowS: 60 * 60 }

/**
 * A file, by the id that is in its address. One with a password must not be shown more of before that is given.
 *
 * @throws DomainError `file-not-found` when there is none, or no more
 */
export async function getDownload(services: Services, publicId: string): Promise<SharedFile> {
  const file = isFileId(publicId) ? await findFile(services.db, publicId, services.now()) : undefined
  if (file === undefined) throw new DomainError('file-not-found', { id: publicId })
  return file
}

/**
 * A file, by its id and its password; one without a password takes any.
 *
 * @param clientKey what the client is limited by
 * @throws DomainError `file-not-found`, `file-password-wrong`, or `rate-limited` after too many of these
 */
export async function unlockDownload(
  services: Services,
  publicId: string,
  attempt: { readonly password: string; readonly clientKey: string },
): Promise<SharedFile> {
  const file = await getDownload(services, publicId)
  if (file.passwordHash === null) return file
  const counts = [
    [PER_FILE_AND_CLIENT, `${file.publicId} ${attempt.clientKey}`],
    [PER_CLIENT, attempt.clientKey],
    [PER_FILE, file.publicId],
  ] as const
  // Counted before it is known to be wrong: guesses that come together would all be judged by the same count.
  for (const [limit, key] of counts) await takeAttempt(services, limit, key)
  if (!(await services.passwords.verify(attempt.password, file.passwordHash)))
    throw new DomainError('file-password-wrong', {})
  for (const [limit, key] of counts) await services.rateLimiter.giveBack(limit, key)
  return file
}

/**
 * Open a file for reading; it can be read to the end even if it is deleted meanwhile.
 *
 * @throws DomainError `file-not-found` when it is gone since
 */
export async function openDownload(services: Services, file: SharedFile): Promise<OpenFile> {
  const open = await services.files.open(file.storageKey)
  if (open !== undefined) return open
  // Deleted since it was looked up, or the store has lost it, which is somebody's bug.
  await getDownload(services, file.publicId)
  throw new Error(`the bytes of file ${file.id} are not in the file store`)
}

/** Count a download that was read from the first byte to the end of what was asked for, and tell the team's webhooks. */
export async function countDownload(services: Services, file: SharedFile): Promise<void> {
  try {
    await inTransaction(services, async (tx) => {
      if (!(await addDownload(tx.db, file.id))) return
      const { publicId: id, name, sizeBytes: size } = file
      await publishEvent(tx, file.teamId, { event: 'file.downloaded', data: { id, name, size } })
    })
  } catch (error) {
    // Whoever downloads has the file, and is told nothing of it.
    services.emit({ kind: 'download-not-counted', error })
  }
}
