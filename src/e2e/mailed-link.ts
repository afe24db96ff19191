import { expect } from 'bun:test'
import type { SmtpReceiver } from '#testing/smtp-receiver.ts'
import { until } from '#testing/until.ts'

/** The link to a page of ours in the mail to somebody that has one; waits until it has come. */
export async function mailedLink(mails: SmtpReceiver, to: string, path: string): Promise<string> {
  let link: string | undefined
  await until(() => {
    for (const { to: receivers, body } of mails.mails)
      if (receivers.includes(to)) link ??= linksOf(body).find((url) => new URL(url).pathname === path)
    return link !== undefined
  })
  expect(link).toBeDefined()
  return link ?? ''
}

/** Of a body in quoted-printable (RFC 2045 §6.7). */
function linksOf(body: string): readonly string[] {
  const text = body.replace(/=\r?\n/g, '').replace(/=3D/g, '=')
  return [...text.matchAll(/https?:\/\/[^\s"<]+/g)].map(([url]) => url)
}
