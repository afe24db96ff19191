import type { Selectable } from 'kysely'
import { isSlug, type Link, type Slug } from '#core/links/link.ts'
import type { Db, Tables } from '#db/database.ts'
import { type QrLogo, storedLogo } from './qr-logo.ts'
import type { HexColor, QrSizePx, QrStyle, QrStyleChanges } from './qr-style.ts'

/** A stored QR code: how it is drawn. What it leads to is its link's. */
export interface QrCodeRow {
  readonly linkId: number
  readonly style: QrStyle
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** @returns undefined when the link has a QR code already; nothing changed then */
export async function insertQrCode(
  db: Db,
  link: { readonly id: number; readonly teamId: number },
  style: QrStyle,
  now: Date,
): Promise<QrCodeRow | undefined> {
  const row = await db
    .insertInto('qr_code')
    .values({
      link_id: link.id,
      team_id: link.teamId,
      color: style.color,
      background: style.background,
      size_px: style.sizePx,
      format: style.format,
      error_correction: style.errorCorrection,
      created_at_ms: now.getTime(),
      updated_at_ms: now.getTime(),
    })
    .onConflict((oc) => oc.column('link_id').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row && toQrCodeRow(row)
}

/** @returns undefined when the link has none */
export async function findQrCode(db: Db, linkId: number): Promise<QrCodeRow | undefined> {
  const row = await db.selectFrom('qr_code').selectAll().where('link_id', '=', linkId).executeTakeFirst()
  return row && toQrCodeRow(row)
}

/** The style of a slug's QR code, whosever it is, and what its address is made of. */
export async function findPublicQrCode(
  db: Db,
  slug: string,
): Promise<
  | {
      readonly link: Pick<Link, 'kind' | 'slug'>
      readonly style: QrStyle
      readonly logo: QrLogo | undefined
    }
  | undefined
> {
  // PostgreSQL cannot be asked for every text.
  if (!isSlug(slug)) return undefined
  const row = await db
    .selectFrom('qr_code')
    .innerJoin('link', 'link.id', 'qr_code.link_id')
    .leftJoin('qr_logo', 'qr_logo.link_id', 'link.id')
    .selectAll('qr_code')
    .select(['link.slug', 'link.kind', 'qr_logo.png'])
    .where('link.slug', '=', slug)
    .executeTakeFirst()
  return (
    row && {
      // Only parsed slugs are ever stored.
      link: { kind: row.kind, slug: row.slug as Slug },
      style: toQrCodeRow(row).style,
      logo: row.png === null ? undefined : storedLogo(row.png),
    }
  )
}

/** A stretch of a team's QR codes, newest first. */
export async function findQrCodes(
  db: Db,
  teamId: number,
  page: { readonly offset: number; readonly limit: number },
): Promise<readonly QrCodeRow[]> {
  const rows = await db
    .selectFrom('qr_code')
    .selectAll()
    .where('team_id', '=', teamId)
    .orderBy('created_at_ms', 'desc')
    .orderBy('link_id', 'desc')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  return rows.map(toQrCodeRow)
}

/** How many QR codes a team has. */
export async function countQrCodes(db: Db, teamId: number): Promise<number> {
  const { count } = await db
    .selectFrom('qr_code')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('team_id', '=', teamId)
    .executeTakeFirstOrThrow()
  return count
}

/** Which of these links have a QR code, by their ids. */
export async function findLinkIdsWithQr(db: Db, linkIds: readonly number[]): Promise<ReadonlySet<number>> {
  if (linkIds.length === 0) return new Set()
  const rows = await db.selectFrom('qr_code').select('link_id').where('link_id', 'in', linkIds).execute()
  return new Set(rows.map((row) => row.link_id))
}

/** @returns the QR code as it is now; undefined when the link has none */
export async function updateQrCodeRow(
  db: Db,
  linkId: number,
  changes: QrStyleChanges,
  now: Date,
): Promise<QrCodeRow | undefined> {
  const row = await db
    .updateTable('qr_code')
    .set({
      updated_at_ms: now.getTime(),
      ...(changes.color !== undefined && { color: changes.color }),
      ...(changes.background !== undefined && { background: changes.background }),
      ...(changes.sizePx !== undefined && { size_px: changes.sizePx }),
      ...(changes.format !== undefined && { format: changes.format }),
      ...(changes.errorCorrection !== undefined && { error_correction: changes.errorCorrection }),
    })
    .where('link_id', '=', linkId)
    .returningAll()
    .executeTakeFirst()
  return row && toQrCodeRow(row)
}

/** @returns false when the link has no QR code */
export async function deleteQrCodeRow(db: Db, linkId: number): Promise<boolean> {
  const result = await db.deleteFrom('qr_code').where('link_id', '=', linkId).executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** The logo of a link's QR code; undefined when it has none. */
export async function findQrLogo(db: Db, linkId: number): Promise<QrLogo | undefined> {
  const row = await db.selectFrom('qr_logo').select('png').where('link_id', '=', linkId).executeTakeFirst()
  return row && storedLogo(row.png)
}

/** Whether a link's QR code has a logo. */
export async function hasQrLogo(db: Db, linkId: number): Promise<boolean> {
  const row = await db
    .selectFrom('qr_logo')
    .select('link_id')
    .where('link_id', '=', linkId)
    .executeTakeFirst()
  return row !== undefined
}

/** Give the QR code of a link its logo, or another. */
export async function upsertQrLogo(db: Db, linkId: number, { png }: QrLogo): Promise<void> {
  await db
    .insertInto('qr_logo')
    .values({ link_id: linkId, png })
    .onConflict((oc) => oc.column('link_id').doUpdateSet({ png }))
    .execute()
}

export async function deleteQrLogoRow(db: Db, linkId: number): Promise<void> {
  await db.deleteFrom('qr_logo').where('link_id', '=', linkId).execute()
}

function toQrCodeRow(row: Selectable<Tables['qr_code']>): QrCodeRow {
  return {
    linkId: row.link_id,
    style: {
      // Only parsed colours and sizes are ever stored.
      color: row.color as HexColor,
      background: row.background as HexColor,
      sizePx: row.size_px as QrSizePx,
      format: row.format,
      errorCorrection: row.error_correction,
    },
    createdAt: new Date(row.created_at_ms),
    updatedAt: new Date(row.updated_at_ms),
  }
}
