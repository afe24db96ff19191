import { createHash } from 'node:crypto'
import type { Email } from '#core/accounts/account.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { type Member, requireAbility } from '#core/permissions.ts'
import { expiryAfter, type FileName, type FilePassword, type MediaType, type SharedFile } from './file.ts'
import { queueFileMail, takeFileMail } from './file-mail.ts'
import { insertFile } from './file-queries.ts'
import { requireFileRoom, useFileRoom } from './file-room.ts'
import { recordFile } from './record-file.ts'
import { deleteUpload, insertUpload, releaseFileRoom, updateUpload } from './upload-queries.ts'

/** What a file is to be, besides its bytes. */
export interface FileWish {
  readonly name: FileName
  readonly mediaType: MediaType
  readonly password: FilePassword | null
  /** Who is sent the address of the download. */
  readonly email: Email | null
  /** Null: it stays. */
  readonly expiryDays: number | null
}

/** A file that is coming in. Disposing of one that is not finished leaves nothing of it. */
export interface Upload extends AsyncDisposable {
  /**
   * Take bytes of the file, which are the upload's from then on. One call at a time.
   *
   * @returns what to wait for before the next call; undefined when nothing has to be waited for
   * @throws DomainError `file-too-large`, or as a rejection `file-quota-reached`
   */
  write(chunk: Uint8Array): Promise<void> | undefined
  /**
   * Share the file. When this is done it is durable.
   *
   * @throws DomainError `rate-limited` when a mail is one too many
   */
  finish(wish: FileWish): Promise<SharedFile>
}

/** How much of the team's room an upload takes at a time. */
const ROOM_STEP_BYTES = 32 * 1024 * 1024
/** How long an upload is believed to be under way without another word of it. */
const LEASE_MS = 15 * 60_000
const LEASE_RENEWAL_MS = 60_000
/** What a request may be larger than its file: other fields, and what separates them. */
const FORM_BYTES = 128 * 1024

/**
 * Begin to take in a file for the acting team.
 *
 * What is stored before it is finished is on record in the database, so that it is erased even if this process is killed.
 *
 * @param requestBytes what the client says it will send, if it says; too much is refused before any of it is read
 * @throws DomainError `unauthenticated`, `forbidden`, `file-too-large` or `file-quota-reached`
 */
export async function beginUpload(ctx: Ctx, requestBytes: number | undefined): Promise<Upload> {
  const member = requireAbility(ctx.actor, 'files:write')
  const leastBytes = Math.max(0, (requestBytes ?? 0) - FORM_BYTES)
  requireSize(ctx, leastBytes)
  await requireFileRoom(ctx, member.teamId, { files: 1, bytes: leastBytes })

  const storageKey = ctx.random.hex(32)
  await inTransaction(ctx, async (tx) => {
    await useFileRoom(tx, member.teamId, { files: 1, bytes: 0 })
    const row = { storageKey, teamId: member.teamId, draftRef: null, reservedBytes: 0 }
    await insertUpload(tx.db, row, leaseEnd(tx.now()))
  })
  return openUpload(ctx, member, storageKey)
}

async function openUpload(ctx: Ctx, member: Member, storageKey: string): Promise<Upload> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  let reservedBytes = 0
  let renewAtMs = ctx.now().getTime() + LEASE_RENEWAL_MS
  let draftRef: string | null = null
  let isFinished = false

  async function erase(): Promise<void> {
    await ctx.files.erase(storageKey, draftRef)
    await inTransaction(ctx, async (tx) => {
      const upload = await deleteUpload(tx.db, storageKey)
      if (upload !== undefined)
        await releaseFileRoom(tx.db, member.teamId, { files: 1, bytes: upload.reservedBytes })
    })
  }

  const draft = await ctx.files
    .create(storageKey, async (ref) => {
      draftRef = ref
      await note(updateUpload(ctx.db, storageKey, { draftRef: ref }))
    })
    .catch(async (error: unknown) => {
      await erase()
      throw error
    })

  /** Reserve room for what has come: a large step ahead, or where there is no room for one, just enough. */
  async function reserve(): Promise<void> {
    const neededBytes = sizeBytes - reservedBytes
    const ahead = Math.max(neededBytes, Math.min(ROOM_STEP_BYTES, ctx.settings.maxFileBytes - reservedBytes))
    const take = async (bytes: number) => {
      await inTransaction(ctx, async (tx) => {
        await useFileRoom(tx, member.teamId, { files: 0, bytes })
        const leaseUntil = leaseEnd(tx.now())
        await note(updateUpload(tx.db, storageKey, { addedBytes: bytes, leaseUntil }))
      })
      reservedBytes += bytes
    }
    await take(ahead).catch((error: unknown) => {
      if (ahead > neededBytes && isQuotaRefusal(error)) return take(neededBytes)
      throw error
    })
  }

  async function renewLease(): Promise<void> {
    await note(updateUpload(ctx.db, storageKey, { leaseUntil: leaseEnd(ctx.now()) }))
  }

  return {
    write(chunk) {
      sizeBytes += chunk.length
      requireSize(ctx, sizeBytes)
      hash.update(chunk)
      const written = draft.write(chunk)
      if (sizeBytes > reservedBytes) return settleBoth(written, reserve())
      const nowMs = ctx.now().getTime()
      if (nowMs < renewAtMs) return written
      renewAtMs = nowMs + LEASE_RENEWAL_MS
      return settleBoth(written, renewLease())
    },

    async finish(wish) {
      if (wish.email !== null) await takeFileMail(ctx, member.teamId)
      const passwordHash = wish.password === null ? null : await ctx.passwords.hash(wish.password)
      await renewLease()
      await draft.finish()
      const file = await inTransaction(ctx, async (tx) => {
        const upload = await note(deleteUpload(tx.db, storageKey))
        await releaseFileRoom(tx.db, member.teamId, { files: 0, bytes: upload.reservedBytes - sizeBytes })
        const now = tx.now()
        const stored = await insertFile(tx.db, {
          publicId: tx.random.hex(32),
          teamId: member.teamId,
          userId: member.userId,
          storageKey,
          name: wish.name,
          mediaType: wish.mediaType,
          sizeBytes,
          sha256: hash.digest('hex'),
          passwordHash,
          createdAt: now,
          expiresAt: expiryAfter(now, wish.expiryDays),
        })
        if (wish.email !== null) await queueFileMail(tx, member, stored, wish.email)
        await recordFile(tx, 'file.uploaded', stored)
        return stored
      })
      isFinished = true
      return file
    },

    async [Symbol.asyncDispose]() {
      if (isFinished) return
      await draft.abandon()
      await erase()
    },
  }
}

/** @throws Error when what was to be changed or deleted was gone: the upload was given up as lost, which is a bug */
async function note<T>(changed: Promise<T | undefined | false>): Promise<T> {
  const result = await changed
  if (result === undefined || result === false) throw new Error('an upload under way was given up as lost')
  return result
}

function requireSize({ settings }: Ctx, sizeBytes: number): void {
  const { maxFileBytes: limitBytes } = settings
  if (sizeBytes > limitBytes) throw new DomainError('file-too-large', { limitBytes })
}

function leaseEnd(from: Date): Date {
  return new Date(from.getTime() + LEASE_MS)
}

function isQuotaRefusal(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'file-quota-reached'
}

/** Wait for both even when one fails, so that nothing is going on any more when the failure is told. */
async function settleBoth(first: Promise<void> | undefined, second: Promise<void>): Promise<void> {
  const results = await Promise.allSettled([first, second])
  const failure = results.find((result) => result.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}
