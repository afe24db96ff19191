import type { Database } from 'bun:sqlite'
import { BigLink } from './big-link.ts'
import { ByteWriter } from './blob.ts'
import { type Steps } from './build-runs.ts'
import { type Cutoff, findTeamsOfLink, setPurged, setSwept } from './intake-queries.ts'
import { encodePack, type Pack, type PackLink } from './pack.ts'
import { RowBuffer } from './row-buffer.ts'
import { readBlock } from './run-cursor.ts'
import {
  type Block,
  BLOBS_PER_RUN,
  deleteBlock,
  findBlock,
  findLiveRuns,
  findTeamBlocks,
  subtractClicks,
  updateBlob,
} from './run-queries.ts'
import { deleteLinkFromTail, TAILS } from './tail-queries.ts'

type IsForgotten = (teamId: number, linkId: number) => boolean

/** Remove what is left of a deleted link. Only while no run is being built. */
export function* purgeLink(db: Database, linkId: number): Steps {
  for (const teamId of findTeamsOfLink(db, linkId)) {
    for (const tail of TAILS) deleteLinkFromTail(db, tail, teamId, linkId)
    for (const run of findLiveRuns(db)) {
      const block = findBlock(db, run.id, teamId, linkId)
      if (block === undefined) continue
      forgetInBlock(db, run.id, block, (team, link) => team === teamId && link === linkId)
      yield
    }
  }
  setPurged(db, linkId)
}

/** Remove a team's clicks from the runs that have come to lie before its cut-off. Only while no run is being built. */
export function* sweepTeam(db: Database, { teamId, beforeMs, sweptMs }: Cutoff): Steps {
  for (const run of findLiveRuns(db)) {
    if (run.toMs >= beforeMs || run.toMs < sweptMs) continue
    for (const block of findTeamBlocks(db, run.id, teamId)) {
      forgetInBlock(db, run.id, block, (team) => team === teamId)
      yield
    }
  }
  setSwept(db, teamId, beforeMs)
}

function forgetInBlock(db: Database, runId: number, block: Block, isForgotten: IsForgotten): void {
  const content = readBlock(db, runId, block.blobId)
  if (content instanceof BigLink) {
    if (!isForgotten(content.teamId, content.linkId)) return
    const blobs = content.blobs().map((seq) => runId * BLOBS_PER_RUN + seq)
    deleteBlock(db, runId, block, [block.blobId, ...blobs])
    subtractClicks(db, runId, content.rowCount)
    return
  }
  const { rows, links } = remaining(content, isForgotten)
  const gone = content.rowCount - rows.count
  if (gone === 0) return
  if (rows.count === 0) deleteBlock(db, runId, block, [block.blobId])
  else updateBlob(db, block.blobId, encodePack(new ByteWriter(), links, rows))
  subtractClicks(db, runId, gone)
}

function remaining(
  pack: Pack,
  isForgotten: IsForgotten,
): { readonly rows: RowBuffer; readonly links: readonly PackLink[] } {
  const rows = new RowBuffer(pack.rowCount)
  const links: PackLink[] = []
  for (let place = 0; place < pack.linkCount; place++) {
    const teamId = pack.teamIds[place] ?? 0
    const linkId = pack.linkIds[place] ?? 0
    if (isForgotten(teamId, linkId)) continue
    const { from, to } = pack.rowsAt(place)
    rows.append(pack, from, to)
    links.push({ teamId, linkId, end: rows.count })
  }
  return { rows, links }
}
