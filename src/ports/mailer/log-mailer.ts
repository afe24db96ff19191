import type { Mailer, OutgoingMail } from './mailer.ts'

/** Tells mails instead of sending them, with all that is in them: for development alone. */
export function logMailer(log: (mail: OutgoingMail) => void): Mailer {
  return {
    send(mail) {
      log(mail)
      return Promise.resolve()
    },
  }
}
