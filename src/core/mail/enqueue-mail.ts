import type { Email } from '#core/accounts/account.ts'
import type { Services } from '#core/context.ts'
import { enqueueDeliveries } from '#core/deliveries/enqueue-deliveries.ts'
import type { Html } from '#core/html.ts'

/** A mail to one person. Its sender, date and id are ours. */
export interface Mail {
  readonly to: Email
  /** One line; what would break it is replaced by a space. */
  readonly subject: string
  readonly text: string
  /** The same, a whole document; absent for a mail in plain text. */
  readonly html?: Html | undefined
  /**
   * Where a POST without any credential ends mails of this kind at once, and a GET shows how to; an absolute http(s)
   * URL. Source: RFC 8058.
   */
  readonly unsubscribeUrl?: string | undefined
}

/** A mail as it stands in the queue. */
export interface QueuedMail extends Omit<Mail, 'html'> {
  readonly html?: string | undefined
}

/** Of each part. */
const MAX_PART_LENGTH = 256 * 1024
const MAX_SUBJECT_LENGTH = 250

/**
 * Queue a mail, in the transaction that is open if there is one; it is sent when that is committed, tried for a day,
 * and may arrive twice when a server is killed while it sends. In the database it is encrypted, and it is deleted when
 * it was sent or given up.
 *
 * @throws Error for a mail that cannot be one, which is the caller's bug: empty, or over 256 Ki characters a part
 */
export async function enqueueMail(services: Services, mail: Mail): Promise<void> {
  const { text, html, unsubscribeUrl } = mail
  if (text.trim() === '') throw new Error('a mail needs a text')
  if (text.length > MAX_PART_LENGTH || (html?.html.length ?? 0) > MAX_PART_LENGTH)
    throw new Error(`a part of a mail has more than ${MAX_PART_LENGTH} characters`)
  if (unsubscribeUrl !== undefined && !/^https?:$/.test(URL.parse(unsubscribeUrl)?.protocol ?? ''))
    throw new Error('the address for unsubscribing must be an absolute http(s) URL')
  const queued: QueuedMail = {
    to: mail.to,
    subject: oneLine(mail.subject),
    text,
    html: html?.html,
    unsubscribeUrl: unsubscribeUrl === undefined ? undefined : new URL(unsubscribeUrl).href,
  }
  await enqueueDeliveries(services, [
    { kind: 'mail', content: services.secrets.seal('mail', JSON.stringify(queued)) },
  ])
}

/** Text that can be a header: nothing in it begins another one. */
function oneLine(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  return Array.from(line).slice(0, MAX_SUBJECT_LENGTH).join('')
}
