import { inTransaction, type Services } from '#core/context.ts'
import { enqueueMail } from '#core/mail/enqueue-mail.ts'
import { nextTurn } from '#core/schedule/next-turn.ts'
import type { TaskCounts } from '#core/schedule/task.ts'
import { composeWeeklyReport, lastWeek, type WeeklyReport } from './compose-weekly-report.ts'
import { unsubscribeUrl } from './unsubscribe.ts'
import { renderWeeklyReport } from './weekly-report-mail.ts'
import {
  findRecipients,
  insertReportMark,
  type Recipient,
  type RecipientPlace,
} from './weekly-report-queries.ts'

const PAGE = 200

/**
 * Queue the report of the last whole week for every owner of a team that was clicked in it or in the week before, once.
 */
export async function sendWeeklyReports(services: Services, signal: AbortSignal): Promise<TaskCounts> {
  const week = lastWeek(services.now())
  const counts = { sent: 0, quiet: 0 }
  let composed: { readonly teamId: number; readonly report: WeeklyReport | undefined } | undefined
  for (let after: RecipientPlace = { teamId: 0, userId: 0 }; ;) {
    const recipients = await findRecipients(services.db, week.start, { after, limit: PAGE })
    for (const recipient of recipients) {
      await nextTurn(signal)
      const { teamId } = recipient
      if (composed?.teamId !== teamId)
        composed = { teamId, report: await composeWeeklyReport(services, teamId, week) }
      if (composed.report === undefined) counts.quiet++
      else if (await send(services, recipient, composed.report)) counts.sent++
    }
    const last = recipients.at(-1)
    if (last === undefined) return counts
    after = last
  }
}

/** @returns false when somebody else has sent it meanwhile */
async function send(services: Services, recipient: Recipient, report: WeeklyReport): Promise<boolean> {
  const url = unsubscribeUrl(services, recipient.userId)
  const mail = renderWeeklyReport(report, {
    teamName: recipient.isPersonalTeam ? undefined : recipient.teamName,
    baseUrl: services.settings.baseUrl,
    unsubscribeUrl: url,
  })
  return inTransaction(services, async (tx) => {
    if (!(await insertReportMark(tx.db, recipient, report.week.start))) return false
    await enqueueMail(tx, { to: recipient.email, ...mail, unsubscribeUrl: url })
    return true
  })
}
