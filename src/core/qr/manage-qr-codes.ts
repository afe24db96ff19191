import { type Ctx, inTransaction } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { isSlug, type Link } from '#core/links/link.ts'
import { findLink, findLinksByIds } from '#core/links/link-queries.ts'
import { requireAbility, requireMember } from '#core/permissions.ts'
import { qrAddress } from './qr-address.ts'
import type { QrLogo } from './qr-logo.ts'
import {
  countQrCodes,
  deleteQrCodeRow,
  deleteQrLogoRow,
  findQrCode,
  findQrCodes,
  hasQrLogo,
  type QrCodeRow,
  updateQrCodeRow,
  upsertQrLogo,
} from './qr-queries.ts'
import { changeQrStyle, type QrStyle, type QrStyleChanges } from './qr-style.ts'
import { recordQrCode } from './record-qr-code.ts'
import { requireDrawable } from './render-qr.ts'

/** The QR code of a link. */
export interface QrCode {
  readonly link: Link
  readonly style: QrStyle
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Part of a list. */
export interface QrCodePage {
  readonly qrCodes: readonly QrCode[]
  /** The length of the whole list. */
  readonly total: number
}

/**
 * The QR code of a link of the acting team.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `qr-code-not-found`
 */
export async function getQrCode(ctx: Ctx, slug: string): Promise<QrCode> {
  const member = requireAbility(ctx.actor, 'qr:read')
  return requireQrCode(ctx, member.teamId, slug)
}

/**
 * The acting team's QR codes, newest first.
 *
 * @throws DomainError `unauthenticated` or `forbidden`
 */
export async function listQrCodes(
  ctx: Ctx,
  page: { readonly offset: number; readonly limit: number },
): Promise<QrCodePage> {
  const { teamId } = requireAbility(ctx.actor, 'qr:read')
  const rows = await findQrCodes(ctx.db, teamId, page)
  const links = await findLinksByIds(
    ctx.db,
    teamId,
    rows.map((row) => row.linkId),
  )
  return {
    // A link that was deleted since the first query took its QR code with it.
    qrCodes: rows.flatMap((row) => {
      const link = links.get(row.linkId)
      return link === undefined ? [] : [toQrCode(link, row)]
    }),
    total: await countQrCodes(ctx.db, teamId),
  }
}

/**
 * How many QR codes the acting team has.
 *
 * @throws DomainError `unauthenticated`
 */
export async function countTeamQrCodes(ctx: Ctx): Promise<number> {
  return countQrCodes(ctx.db, requireMember(ctx.actor).teamId)
}

/**
 * Draw the QR code of a link of the acting team differently. It keeps leading to the same address, and nothing is
 * counted against the allowance.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `qr-code-not-found` or `qr-style-invalid`
 */
export async function updateQrCode(ctx: Ctx, slug: string, changes: QrStyleChanges): Promise<QrCode> {
  const member = requireAbility(ctx.actor, 'qr:write')
  return inTransaction(ctx, async (tx) => {
    const { link, style } = await requireQrCode(tx, member.teamId, slug)
    const hasLogo = await hasQrLogo(tx.db, link.id)
    requireDrawable(qrAddress(tx, link), changeQrStyle(style, changes), hasLogo)
    const row = await updateQrCodeRow(tx.db, link.id, changes, tx.now())
    if (row === undefined) throw new DomainError('qr-code-not-found', { slug })
    await recordQrCode(tx, 'qr-code.updated', link, { before: style, after: row.style })
    return toQrCode(link, row)
  })
}

/**
 * Whether the QR code of a link has a logo. Whoever asks must be allowed to see the code.
 */
export function hasLogo(ctx: Ctx, { link }: QrCode): Promise<boolean> {
  return hasQrLogo(ctx.db, link.id)
}

/**
 * Put a logo in the middle of the QR code of a link of the acting team.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `qr-code-not-found`, or `qr-style-invalid` when the code is too small
 *   for what its error correction takes then
 */
export async function setQrLogo(ctx: Ctx, slug: string, logo: QrLogo): Promise<QrCode> {
  const member = requireAbility(ctx.actor, 'qr:write')
  return inTransaction(ctx, async (tx) => {
    const { link, style } = await requireQrCode(tx, member.teamId, slug)
    requireDrawable(qrAddress(tx, link), style, true)
    const row = await updateQrCodeRow(tx.db, link.id, {}, tx.now())
    if (row === undefined) throw new DomainError('qr-code-not-found', { slug })
    const before = await hasQrLogo(tx.db, link.id)
    await upsertQrLogo(tx.db, link.id, logo)
    await recordQrCode(tx, 'qr-code.updated', link, { before: { logo: before }, after: { logo: 'new' } })
    return toQrCode(link, row)
  })
}

/**
 * Take the logo from the QR code of a link of the acting team; one without any stays as it is.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `qr-code-not-found`
 */
export async function deleteQrLogo(ctx: Ctx, slug: string): Promise<void> {
  const member = requireAbility(ctx.actor, 'qr:write')
  await inTransaction(ctx, async (tx) => {
    const { link } = await requireQrCode(tx, member.teamId, slug)
    if (!(await hasQrLogo(tx.db, link.id))) return
    await deleteQrLogoRow(tx.db, link.id)
    await recordQrCode(tx, 'qr-code.updated', link, { before: { logo: true }, after: { logo: false } })
  })
}

/**
 * Take its QR code from a link of the acting team; the link stays, and so do the scans that were counted. The month's
 * allowance is not given back.
 *
 * @throws DomainError `unauthenticated`, `forbidden` or `qr-code-not-found`
 */
export async function deleteQrCode(ctx: Ctx, slug: string): Promise<void> {
  const member = requireAbility(ctx.actor, 'qr:write')
  await inTransaction(ctx, async (tx) => {
    const { link, style } = await requireQrCode(tx, member.teamId, slug)
    if (!(await deleteQrCodeRow(tx.db, link.id))) throw new DomainError('qr-code-not-found', { slug })
    await recordQrCode(tx, 'qr-code.deleted', link, { before: style })
  })
}

async function requireQrCode(ctx: Ctx, teamId: number, slug: string): Promise<QrCode> {
  // PostgreSQL cannot be asked for every text.
  const link = isSlug(slug) ? await findLink(ctx.db, teamId, { slug }) : undefined
  const row = link && (await findQrCode(ctx.db, link.id))
  if (link === undefined || row === undefined) throw new DomainError('qr-code-not-found', { slug })
  return toQrCode(link, row)
}

function toQrCode(link: Link, { style, createdAt, updatedAt }: QrCodeRow): QrCode {
  return { link, style, createdAt, updatedAt }
}
