import type { Services } from '#core/context.ts'
import type { AttemptOutcome, Channel } from '#core/deliveries/delivery.ts'
import { MailError, type Mailer } from '#ports/mailer/mailer.ts'
import type { QueuedMail } from './enqueue-mail.ts'

/** The way of mails. @param mailer undefined where no mail server is configured: mails wait, and fail after a day */
export function mailChannel(mailer: Mailer | undefined): Channel {
  return {
    keepsContent: false,
    async send(services, delivery) {
      if (mailer === undefined) return failed('no mail server is configured')
      const { to, subject, text, html, unsubscribeUrl } = openMail(services, delivery.content)
      const messageId = `${delivery.publicId}@${new URL(services.settings.baseUrl).hostname}`
      try {
        const { createdAt: date } = delivery
        await mailer.send({ messageId, date, to, subject, text, html, unsubscribeUrl })
        return { result: 'delivered', statusCode: null, error: null, answer: null }
      } catch (error) {
        if (!(error instanceof MailError)) throw error
        const { isPermanent, statusCode, answer } = error.facts
        return { result: isPermanent ? 'refused' : 'failed', statusCode, error: error.message, answer }
      }
    },
    conclude: () => Promise.resolve(),
  }
}

/** Only mails that were sealed here are ever in the queue. */
function openMail(services: Services, content: string): QueuedMail {
  return JSON.parse(services.secrets.open('mail', content)) as QueuedMail
}

function failed(error: string): AttemptOutcome {
  return { result: 'failed', statusCode: null, error, answer: null }
}
