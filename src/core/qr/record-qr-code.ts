import type { AuditAction } from '#core/audit/audit-event.ts'
import { recordChange } from '#core/audit/record-change.ts'
import type { Services } from '#core/context.ts'
import type { Link } from '#core/links/link.ts'
import type { QrStyle } from './qr-style.ts'

/** What of a QR code is written down: how it is drawn, and of its logo whether there is one. */
type QrFacts = Partial<QrStyle> & { readonly logo?: boolean | 'new' }

/** Write down what was done to the QR code of a link. */
export async function recordQrCode(
  tx: Services,
  action: AuditAction & `qr-code.${string}`,
  { teamId, slug }: Link,
  { before, after }: { readonly before?: QrFacts; readonly after?: QrFacts },
): Promise<void> {
  const subject = `QR code of link ${slug}`
  await recordChange(tx, {
    action,
    teamId,
    subject,
    before: before && { ...before },
    after: after && { ...after },
  })
}
