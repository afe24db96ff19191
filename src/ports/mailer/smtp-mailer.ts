import { createTransport } from 'nodemailer'
import { MailError, type Mailer, type OutgoingMail } from './mailer.ts'

export interface SmtpMailerOptions {
  /** `smtp://` or `smtps://`, with user name and password where the server wants them, percent-encoded. */
  readonly url: string
  /** Who the mails are from: `name@example.com`, or `Name <name@example.com>`. */
  readonly from: string
  /** For everything, from the server's name to its last answer; 30 s by default. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 30_000
const SMTP_PORT = 587
const SMTPS_PORT = 465
const MAX_ANSWER_LENGTH = 1_000
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/**
 * Hands mails to an SMTP server, each over a connection of its own. `smtp://` becomes encrypted where the server offers
 * it (STARTTLS), and has to when a password would otherwise cross a network in the open.
 */
export function smtpMailer({ url, from, timeoutMs = TIMEOUT_MS }: SmtpMailerOptions): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const hasPassword = username !== '' || password !== ''
  const transport = createTransport({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port) || (secure ? SMTPS_PORT : SMTP_PORT),
    secure,
    requireTLS: !secure && hasPassword && !LOOPBACK.test(hostname),
    ...(hasPassword && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // What a mail says must never make us read a file or fetch a page.
    disableFileAccess: true,
    disableUrlAccess: true,
  })

  return {
    async send(mail) {
      try {
        await transport.sendMail({ ...message(mail), from, signal: AbortSignal.timeout(timeoutMs) })
      } catch (error) {
        throw toMailError(error)
      }
    },
  }
}

function message(mail: OutgoingMail) {
  return {
    messageId: `<${mail.messageId}>`,
    date: mail.date,
    // An object is one address whatever is in it; text would be read as a list.
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    ...(mail.html !== undefined && { html: mail.html }),
    headers: {
      // Nobody's absence note answers to it (RFC 3834 §5).
      'Auto-Submitted': 'auto-generated',
      ...(mail.unsubscribeUrl !== undefined && {
        'List-Unsubscribe': { prepared: true, value: `<${mail.unsubscribeUrl}>` },
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
  }
}

/** Stages at which a 5yz answer is about this mail; a refused login, say, is about the server's settings. */
const STAGES_OF_MAIL = new Set(['EENVELOPE', 'EMESSAGE'])

function toMailError(error: unknown): MailError {
  const { code, responseCode, response } = error as {
    readonly code?: unknown
    readonly responseCode?: unknown
    readonly response?: unknown
  }
  const reason = typeof code === 'string' ? code : 'unknown error'
  const statusCode = typeof responseCode === 'number' && responseCode > 0 ? responseCode : null
  // RFC 5321 §4.2.1: 5yz is for good; 503 says that the conversation went wrong, not the mail.
  const isRefusal = statusCode !== null && statusCode >= 500 && statusCode <= 599 && statusCode !== 503
  return new MailError(
    statusCode === null
      ? `the mail server did not take it (${reason})`
      : `the mail server answered ${statusCode}`,
    {
      isPermanent: isRefusal && STAGES_OF_MAIL.has(reason),
      statusCode,
      answer: typeof response === 'string' ? response.slice(0, MAX_ANSWER_LENGTH) : null,
    },
    { cause: error },
  )
}
