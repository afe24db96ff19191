import type { Selectable } from 'kysely'
import type { Db, Tables } from '#db/database.ts'
import type { Link, LinkStatus, Slug, TargetUrl } from './link.ts'

export interface NewLinkRow {
  readonly publicId: string
  readonly teamId: number
  readonly userId: number
  readonly slug: string
  readonly target: TargetUrl
  readonly title: string | null
  readonly status: LinkStatus
  readonly source: Link['source']
  readonly expiresAt: Date | null
  readonly createdAt: Date
}

/** @returns undefined when the slug is in use; nothing changed then */
export async function insertLink(db: Db, link: NewLinkRow): Promise<Link | undefined> {
  const row = await db
    .insertInto('link')
    .values({
      public_id: link.publicId,
      team_id: link.teamId,
      user_id: link.userId,
      slug: link.slug,
      target: link.target,
      title: link.title,
      status: link.status,
      source: link.source,
      expires_at_ms: link.expiresAt?.getTime() ?? null,
      created_at_ms: link.createdAt.getTime(),
      updated_at_ms: link.createdAt.getTime(),
    })
    .onConflict((oc) => oc.column('slug').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row && toLink(row)
}

export async function findLinkById(db: Db, teamId: number, id: number): Promise<Link | undefined> {
  const row = await db
    .selectFrom('link')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toLink(row)
}

/** A stretch of a team's links, newest first. */
export async function findLinks(
  db: Db,
  teamId: number,
  page: { readonly offset: number; readonly limit: number },
): Promise<readonly Link[]> {
  const rows = await db
    .selectFrom('link')
    .selectAll()
    .where('team_id', '=', teamId)
    .orderBy('id', 'desc')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  return rows.map(toLink)
}

export interface LinkChanges {
  readonly target?: TargetUrl | undefined
  readonly title?: string | null | undefined
  readonly status?: LinkStatus | undefined
  readonly expiresAt?: Date | null | undefined
}

/** @returns the link as it is now; undefined when the team has none of that id */
export async function updateLinkRow(
  db: Db,
  link: { readonly teamId: number; readonly id: number },
  changes: LinkChanges,
  now: Date,
): Promise<Link | undefined> {
  const row = await db
    .updateTable('link')
    .set({
      updated_at_ms: now.getTime(),
      ...(changes.target !== undefined && { target: changes.target }),
      ...(changes.title !== undefined && { title: changes.title }),
      ...(changes.status !== undefined && { status: changes.status }),
      ...(changes.expiresAt !== undefined && { expires_at_ms: changes.expiresAt?.getTime() ?? null }),
    })
    .where('team_id', '=', link.teamId)
    .where('id', '=', link.id)
    .returningAll()
    .executeTakeFirst()
  return row && toLink(row)
}

/** @returns the slug that is free now; undefined when the team has no link of that id */
export async function deleteLinkRow(
  db: Db,
  link: { readonly teamId: number; readonly id: number },
): Promise<Slug | undefined> {
  const row = await db
    .deleteFrom('link')
    .where('team_id', '=', link.teamId)
    .where('id', '=', link.id)
    .returning('slug')
    .executeTakeFirst()
  return row?.slug as Slug | undefined
}

/** How long the changes of links are kept for other processes to read. */
const CHANGE_TTL_MS = 60 * 60 * 1000

/** Tell other processes that a slug's redirect is not what it was; in the transaction that changes it. */
export async function insertLinkChange(db: Db, slug: Slug, now: Date): Promise<void> {
  await db
    .deleteFrom('link_change')
    .where('at_ms', '<', now.getTime() - CHANGE_TTL_MS)
    .execute()
  await db.insertInto('link_change').values({ slug, at_ms: now.getTime() }).execute()
}

/** The slugs changed at or after an instant. */
export async function findLinkChanges(db: Db, since: Date): Promise<readonly { id: number; slug: string }[]> {
  return db.selectFrom('link_change').select(['id', 'slug']).where('at_ms', '>=', since.getTime()).execute()
}

/** What a redirect needs of a link. */
export interface RedirectRow {
  readonly id: number
  readonly team_id: number
  readonly target: string
  readonly status: LinkStatus
  readonly expires_at_ms: number | null
}

/** The statement that reads a {@link RedirectRow} by slug, for a database to prepare. */
export function redirectStatement(db: Db): string {
  return db
    .selectFrom('link')
    .select(['id', 'team_id', 'target', 'status', 'expires_at_ms'])
    .where('slug', '=', '')
    .compile().sql
}

function toLink(row: Selectable<Tables['link']>): Link {
  return {
    id: row.id,
    publicId: row.public_id,
    teamId: row.team_id,
    // Only parsed slugs and targets are ever stored.
    slug: row.slug as Slug,
    target: row.target as TargetUrl,
    title: row.title,
    status: row.status,
    source: row.source,
    expiresAt: row.expires_at_ms === null ? null : new Date(row.expires_at_ms),
    createdAt: new Date(row.created_at_ms),
    updatedAt: new Date(row.updated_at_ms),
  }
}
