import { eraseTeams } from '#core/accounts/erase-teams.ts'
import { renewSubscriptions } from '#core/billing/renew-subscriptions.ts'
import { sweepRetention } from '#core/clicks/sweep-retention.ts'
import { sweepDeliveries } from '#core/deliveries/sweep-deliveries.ts'
import { eraseDeletedLinks } from '#core/links/erase-deleted-links.ts'
import { sweepFiles } from '#core/files/sweep-files.ts'
import type { Task } from '#core/schedule/task.ts'
import { tidyUp } from '#core/schedule/tidy-up.ts'
import { sendWeeklyReports } from '#core/weekly-report/send-weekly-reports.ts'

/** The task that deletes what deleted teams have; it is also run when one is deleted. */
export const ERASE_TEAMS = 'erase-teams'

/**
 * Everything the server does by the clock. The minutes differ so that tasks do not begin together, and stay clear of the
 * full hour, when everybody else's do.
 */
export const SCHEDULE: readonly Task[] = [
  { name: 'renew', pattern: '7 * * * *', run: renewSubscriptions },
  { name: 'weekly', pattern: '0 8 * * 1', run: sendWeeklyReports },
  {
    name: 'erase-links',
    pattern: '37 * * * *',
    run: async (services) => ({ links: await eraseDeletedLinks(services) }),
  },
  { name: ERASE_TEAMS, pattern: '9-59/10 * * * *', run: eraseTeams },
  {
    name: 'retention',
    pattern: '17 3 * * *',
    run: async (services) => ({ teams: await sweepRetention(services) }),
  },
  {
    name: 'sweep-deliveries',
    pattern: '27 * * * *',
    run: async (services) => ({ deliveries: await sweepDeliveries(services) }),
  },
  {
    name: 'sweep-files',
    pattern: '4-59/10 * * * *',
    run: async (services) => ({ ...(await sweepFiles(services)) }),
  },
  { name: 'tidy', pattern: '47 3 * * *', run: tidyUp },
]
