import { useAllowance } from '#core/billing/usage.ts'
import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { isSlug } from '#core/links/link.ts'
import { lockLink } from '#core/links/link-queries.ts'
import { requireAbility } from '#core/permissions.ts'
import type { QrCode } from './manage-qr-codes.ts'
import { qrAddress } from './qr-address.ts'
import { insertQrCode } from './qr-queries.ts'
import { changeQrStyle, DEFAULT_QR_STYLE, type QrStyleChanges } from './qr-style.ts'
import { recordQrCode } from './record-qr-code.ts'
import { requireDrawable } from './render-qr.ts'

/** What a QR code is made from. */
export interface NewQrCode {
  /** Of a link of the acting team. */
  readonly slug: string
  /** What is absent is as in `DEFAULT_QR_STYLE`. */
  readonly style: QrStyleChanges
}

/**
 * Give a link of the acting team its QR code, counting it against the month's allowance. A link has one at most.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `link-not-found`, `qr-style-invalid`, `qr-code-exists` or
 *   `limit-reached`
 */
export async function createQrCode(ctx: Ctx, input: NewQrCode): Promise<QrCode> {
  const member = requireAbility(ctx.actor, 'qr:write')
  const style = changeQrStyle(DEFAULT_QR_STYLE, input.style)
  return inTransaction(ctx, async (tx) => {
    const { slug } = input
    // PostgreSQL cannot be asked for every text.
    const link = isSlug(slug) ? await lockLink(tx.db, member.teamId, { slug }) : undefined
    if (link === undefined) throw new DomainError('link-not-found', { link: slug })
    requireDrawable(qrAddress(tx, link), style)
    const stored = await insertQrCode(tx.db, link, style, tx.now())
    if (stored === undefined) throw new DomainError('qr-code-exists', { slug: link.slug })
    await useAllowance(tx, member.teamId, 'qr-codes')
    await recordQrCode(tx, 'qr-code.created', link, { after: style })
    return { link, style, createdAt: stored.createdAt, updatedAt: stored.updatedAt }
  })
}
