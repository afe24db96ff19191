import { takeAttempt } from '#core/accounts/attempts.ts'
import type { Email } from '#core/accounts/account.ts'
import { findUser } from '#core/accounts/account-queries.ts'
import type { Services } from '#core/context.ts'
import { enqueueMail } from '#core/mail/enqueue-mail.ts'
import { renderMail } from '#core/mail/render-mail.ts'
import type { Member } from '#core/permissions.ts'
import type { RateLimit } from '#ports/rate-limiter.ts'
import type { SharedFile } from './file.ts'
import { downloadUrl } from './file-address.ts'

/** Mails about files that one team may have sent, to whomever: enough to share, too few to pester. */
const PER_HOUR: RateLimit = { name: 'file-mail-hour', points: 20, windowS: 60 * 60 }
const PER_DAY: RateLimit = { name: 'file-mail-day', points: 100, windowS: 24 * 60 * 60 }

/** @throws DomainError `rate-limited` when the team has had too many mails sent */
export async function takeFileMail(services: Services, teamId: number): Promise<void> {
  await takeAttempt(services, PER_HOUR, String(teamId))
  await takeAttempt(services, PER_DAY, String(teamId))
}

/** Queue the mail that tells somebody of a file, in the transaction that shares it. The password is not in it. */
export async function queueFileMail(
  services: Services,
  sender: Member,
  file: SharedFile,
  to: Email,
): Promise<void> {
  const from = (await findUser(services.db, sender.userId))?.email ?? 'Somebody'
  const paragraphs = [
    `${file.name} (${readableSize(file.sizeBytes)})`,
    ...(file.passwordHash === null ? [] : ['A password is needed to download it. The sender has it.']),
    ...(file.expiresAt === null
      ? []
      : [`It can be downloaded until ${file.expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`]),
    'If you do not know the sender, do not open the file.',
  ]
  await enqueueMail(services, {
    to,
    subject: `${from} shared a file with you: ${file.name}`,
    ...renderMail({
      heading: `${from} shared a file with you`,
      paragraphs,
      action: { label: 'Download', url: downloadUrl(services, file) },
    }),
  })
}

const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const

/** `2.5 MB`, in powers of 1,000. */
export function readableSize(sizeBytes: number): string {
  let value = sizeBytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`
}
