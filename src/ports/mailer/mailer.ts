/** A mail as it goes out. */
export interface OutgoingMail {
  /** Without angle brackets; the same in every attempt, so that a mail that arrives twice can be told. */
  readonly messageId: string
  readonly date: Date
  /** One address. */
  readonly to: string
  /** One line. */
  readonly subject: string
  readonly text: string
  readonly html?: string | undefined
  /** What a POST to ends mails of this kind (RFC 8058). */
  readonly unsubscribeUrl?: string | undefined
}

/** Hands mails to whoever delivers them. */
export interface Mailer {
  /** @throws MailError when it was not taken */
  send(mail: OutgoingMail): Promise<void>
}

export interface MailErrorFacts {
  /** No other attempt will go better. */
  readonly isPermanent: boolean
  /** Of the server's answer; null without one. */
  readonly statusCode: number | null
  /** The server's answer, which may name the recipient; null without one. */
  readonly answer: string | null
}

/** A mail that the mail server did not take. The message names no person. */
export class MailError extends Error {
  override readonly name = 'MailError'
  readonly facts: MailErrorFacts

  constructor(message: string, facts: MailErrorFacts, options?: ErrorOptions) {
    super(message, options)
    this.facts = facts
  }
}
