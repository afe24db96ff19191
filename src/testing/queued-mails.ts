import type { QueuedMail } from '#core/mail/enqueue-mail.ts'
import type { TestApp } from './test-app.ts'

/** The mails that wait to be sent, oldest first. */
export async function queuedMails(app: TestApp): Promise<readonly QueuedMail[]> {
  const { db, secrets } = app.app.services
  const rows = await db
    .selectFrom('delivery')
    .select('content')
    .where('kind', '=', 'mail')
    .orderBy('id')
    .execute()
  // Only mails are sealed as such.
  return rows.map(({ content }) => JSON.parse(secrets.open('mail', content)) as QueuedMail)
}
