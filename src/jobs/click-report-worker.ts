import { setPriority } from 'node:os'
import type { ClickStore } from '#ports/click-store/click-store.ts'
import { openClickStore } from '#ports/click-store/open-click-store.ts'
import type { ReportAnswer, ReportCall, ReportCommand } from './click-report-messages.ts'

// The program of the thread of reports.

const BELOW_SERVING = 5

let store: ClickStore | undefined

self.addEventListener('message', (event: MessageEvent<ReportCommand>) => {
  // A rejection ends the thread; whoever started it starts another.
  void receive(event.data)
})

async function receive(command: ReportCommand): Promise<void> {
  switch (command.kind) {
    case 'open':
      // On Linux the priority is the calling thread's; elsewhere it would be the whole process's.
      if (process.platform === 'linux') setPriority(0, BELOW_SERVING)
      store = openClickStore(command.location)
      return
    case 'call':
      if (store === undefined) throw new Error('a report was asked for before its database was named')
      tell(await answer(store, command.id, command.call))
      return
    case 'close':
      await store?.[Symbol.asyncDispose]()
      tell({ kind: 'closed' })
      return
  }
}

async function answer(from: ClickStore, id: number, call: ReportCall): Promise<ReportAnswer> {
  try {
    return { kind: 'answer', id, value: await perform(from, call) }
  } catch (error) {
    return { kind: 'failure', id, message: error instanceof Error ? error.message : String(error) }
  }
}

function perform(from: ClickStore, call: ReportCall): Promise<unknown> {
  switch (call.kind) {
    case 'total':
      return from.total(call.query)
    case 'series':
      return from.series(call.query, call.periods)
    case 'breakdown':
      return from.breakdown(call.query, call.dimension, call.size)
    case 'top-links':
      return from.topLinks(call.query, call.size)
    case 'uniques':
      return from.uniques(call.query)
    case 'delete-link':
      return from.deleteLink(call.linkId)
    case 'retain':
      return from.retain(call.cutoffs)
    case 'watch-team':
      return from.watchTeam(call.teamId)
    case 'watch-only':
      return from.watchOnly(call.teamIds, call.beforeMs)
    case 'untold-teams':
      return from.untoldTeams()
    case 'watch-live':
      return from.watchLive(call.teamId, call.ttlMs)
    case 'take-untold':
      return from.takeUntold(call.teamId, call.toldBatch)
  }
}

function tell(message: ReportAnswer): void {
  self.postMessage(message)
}
