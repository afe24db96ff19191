import { inTransaction, type Services } from '#core/context.ts'
import { findTeamFiles } from '#core/files/file-queries.ts'
import { removeFile } from '#core/files/manage-files.ts'
import { deleteLinkRow, findLinks, insertLinkChange, insertLinkErasure } from '#core/links/link-queries.ts'
import type { TaskCounts } from '#core/schedule/task.ts'
import { deleteTeamRow, findDeletedTeams } from './team-queries.ts'

/** Links, files or teams that are read at a time. */
const AT_ONCE = 100

/**
 * Delete what teams have that were deleted, and then the teams. It may be killed anywhere: what is left to do is in the
 * database. A team into which a file is still being uploaded goes another time.
 */
export async function eraseTeams(services: Services, signal: AbortSignal): Promise<TaskCounts> {
  let [teams, links, files] = [0, 0, 0]
  for (const teamId of await findDeletedTeams(services.db, AT_ONCE)) {
    files += await eraseFiles(services, teamId, signal)
    links += await eraseLinks(services, teamId, signal)
    if (await deleteTeamRow(services.db, teamId)) teams++
  }
  return { teams, links, files }
}

async function eraseLinks(services: Services, teamId: number, signal: AbortSignal): Promise<number> {
  for (let count = 0; ;) {
    signal.throwIfAborted()
    const links = await findLinks(services.db, teamId, { offset: 0, limit: AT_ONCE })
    if (links.length === 0) return count
    await inTransaction(services, async (tx) => {
      for (const { id, slug } of links) {
        if ((await deleteLinkRow(tx.db, { teamId, name: { id } })) === undefined) continue
        await insertLinkChange(tx.db, slug, tx.now())
        await insertLinkErasure(tx.db, id)
        tx.emit({ kind: 'link-changed', slug })
      }
      tx.emit({ kind: 'link-deleted' })
    })
    count += links.length
  }
}

async function eraseFiles(services: Services, teamId: number, signal: AbortSignal): Promise<number> {
  for (let count = 0; ;) {
    signal.throwIfAborted()
    // Those that have expired are the sweep's, unless they are met here first.
    const files = await findTeamFiles(services.db, teamId, new Date(0), { limit: AT_ONCE })
    if (files.length === 0) return count
    for (const file of files) await removeFile(services, file)
    count += files.length
  }
}
