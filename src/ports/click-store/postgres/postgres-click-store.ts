import type { ClickDb } from '#db/database.ts'
import type { ClickStore } from '#ports/click-store/click-store.ts'
import {
  deleteClicksOfDeletedLinks,
  deleteExpiredClicks,
  insertDeletedLink,
  raiseCutoffs,
} from './forget-queries.ts'
import {
  deleteVisitorSecrets,
  findOrInsertSpool,
  findOrInsertVisitorSecret,
  findTotals,
  findUsage,
  insertBatch,
} from './intake-queries.ts'
import { deleteLiveClicks, findLiveClicks, watchLive } from './live-queries.ts'
import { findUntoldTeams, takeUntold, watchOnly, watchTeam } from './untold-queries.ts'
import { countClicks, countLinks, countPeriods, countValues, countVisitors } from './report-queries.ts'

/** Clicks as rows of a PostgreSQL database whose tables exist. Disposing leaves the database open. */
export function postgresClickStore(db: ClickDb): ClickStore {
  return {
    total: (query) => countClicks(db, query),
    series: (query, periods) => countPeriods(db, query, periods),
    breakdown: (query, dimension, size) => countValues(db, query, dimension, size),
    topLinks: (query, size) => countLinks(db, query, size),
    uniques: (query) => countVisitors(db, query),
    totals: (linkIds) => findTotals(db, linkIds, false),
    scanTotals: (linkIds) => findTotals(db, linkIds, true),
    usage: (teamId, month) => findUsage(db, teamId, month),
    async deleteLink(linkId) {
      await insertDeletedLink(db, linkId, Date.now())
      await deleteLiveClicks(db, linkId)
    },
    retain: (cutoffs) => raiseCutoffs(db, cutoffs),
    watchTeam: (teamId) => watchTeam(db, teamId, Date.now()),
    watchOnly: (teamIds, beforeMs) => watchOnly(db, teamIds, { beforeMs, nowMs: Date.now() }),
    untoldTeams: () => findUntoldTeams(db),
    takeUntold: (teamId, toldBatch) => takeUntold(db, teamId, toldBatch),
    watchLive(teamId, ttlMs) {
      const nowMs = Date.now()
      return watchLive(db, teamId, { nowMs, untilMs: nowMs + ttlMs })
    },
    liveClicks: (query) => findLiveClicks(db, query),
    findOrCreateSpool: (name, start = { segment: 0, offset: 0 }) => findOrInsertSpool(db, name, start),
    append: (batch) => insertBatch(db, batch),
    findOrCreateVisitorSecret: (day, proposal) => findOrInsertVisitorSecret(db, day, proposal),
    deleteVisitorSecretsBefore: (day) => deleteVisitorSecrets(db, day),
    async maintain(budgetMs) {
      const endMs = performance.now() + budgetMs
      for (;;) {
        const isMore = (await deleteClicksOfDeletedLinks(db, Date.now())) || (await deleteExpiredClicks(db))
        if (!isMore || performance.now() >= endMs) return isMore
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
