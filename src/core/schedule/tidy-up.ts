import { deleteInvitationsBefore } from '#core/accounts/invitation-queries.ts'
import { deleteAuditBefore } from '#core/audit/audit-queries.ts'
import { deleteReportMarksBefore } from '#core/weekly-report/weekly-report-queries.ts'
import { deleteExpiredAnswers } from '#core/idempotency/kept-answer-queries.ts'
import type { Services } from '#core/context.ts'
import { deleteRunsBefore } from './schedule-queries.ts'
import type { TaskCounts } from './task.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const RUNS_KEPT_MS = 90 * DAY_MS
/** Longer than a week can be reported late. */
const REPORT_MARKS_KEPT_MS = 60 * DAY_MS

/** Long enough to see who changed something the year before. */
const AUDIT_KEPT_MS = 400 * DAY_MS
/** For so long the team sees that nobody came. */
const INVITATIONS_KEPT_MS = 30 * DAY_MS

/** Forget what was written down long ago, and answers that are not given again. */
export async function tidyUp({ db, now }: Services): Promise<TaskCounts> {
  const nowMs = now().getTime()
  return {
    runs: await deleteRunsBefore(db, new Date(nowMs - RUNS_KEPT_MS)),
    auditEvents: await deleteAuditBefore(db, new Date(nowMs - AUDIT_KEPT_MS)),
    invitations: await deleteInvitationsBefore(db, new Date(nowMs - INVITATIONS_KEPT_MS)),
    keptAnswers: await deleteExpiredAnswers(db, now()),
    reportMarks: await deleteReportMarksBefore(db, new Date(nowMs - REPORT_MARKS_KEPT_MS)),
  }
}
