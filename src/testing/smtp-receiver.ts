import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A mail as the server was given it. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** Whether it came over TLS. */
  readonly isSecure: boolean
  /** By lower-case name, unfolded; the last where there are several. */
  readonly headers: Readonly<Record<string, string>>
  /** Everything below the headers. */
  readonly body: string
  /** As it came. */
  readonly raw: string
}

export interface SmtpReceiver extends AsyncDisposable {
  readonly port: number
  readonly mails: readonly ReceivedMail[]
  /** How often somebody began a conversation. */
  readonly connections: () => number
}

/** A refusal with a status of SMTP. */
export function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

/** A real SMTP server on loopback, without TLS and logins unless told otherwise, that keeps the mails it takes. */
export async function startSmtpReceiver(options: SMTPServerOptions = {}): Promise<SmtpReceiver> {
  const mails: ReceivedMail[] = []
  let connections = 0
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(_, callback) {
      connections++
      callback()
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const to = rcptTo.map(({ address }) => address)
        mails.push({ from, to, isSecure: session.secure, ...parse(Buffer.concat(chunks).toString('utf8')) })
        callback()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    connections: () => connections,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(resolve)),
  }
}

function parse(raw: string): Pick<ReceivedMail, 'headers' | 'body' | 'raw'> {
  const end = raw.indexOf('\r\n\r\n')
  const lines = raw
    .slice(0, end)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return { headers: Object.fromEntries(headers), body: raw.slice(end + 4), raw }
}
