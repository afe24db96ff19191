import { deleteReportMarksBefore } from '#core/weekly-report/weekly-report-queries.ts'
import type { Services } from '#core/context.ts'
import { deleteRunsBefore } from './schedule-queries.ts'
import type { TaskCounts } from './task.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const RUNS_KEPT_MS = 90 * DAY_MS
/** Longer than a week can be reported late. */
const REPORT_MARKS_KEPT_MS = 60 * DAY_MS

/** Forget what the schedule has written down long ago. */
export async function tidyUp({ db, now }: Services): Promise<TaskCounts> {
  const nowMs = now().getTime()
  return {
    runs: await deleteRunsBefore(db, new Date(nowMs - RUNS_KEPT_MS)),
    reportMarks: await deleteReportMarksBefore(db, new Date(nowMs - REPORT_MARKS_KEPT_MS)),
  }
}
