import { type ExpressionBuilder, type Selectable, sql } from 'kysely'
import type { Db, Tables } from '#db/database.ts'
import { jsonTexts } from '#db/portable.ts'
import type { Link, LinkStatus, Slug, TargetUrl } from './link.ts'
import type { LinkKind, LinkPayload } from './payload.ts'

/** What a link is made of: where it redirects to, or what its page shows. */
export type LinkContent =
  | { readonly target: TargetUrl; readonly payload?: undefined }
  | { readonly payload: LinkPayload; readonly target?: undefined }

export type NewLinkRow = LinkContent & NewLinkFacts

interface NewLinkFacts {
  readonly publicId: string
  readonly teamId: number
  readonly userId: number
  readonly slug: string
  readonly title: string | null
  readonly description?: string | null | undefined
  readonly tags?: readonly string[] | undefined
  /** Whether the target's page is to be asked for what is missing. */
  readonly wantsPageInfo?: boolean | undefined
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
      ...contentColumns(link),
      title: link.title,
      description: link.description ?? null,
      tags: JSON.stringify(link.tags ?? []),
      page_title: null,
      favicon_url: null,
      page_info: link.wantsPageInfo === true ? 'wanted' : 'none',
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

function contentColumns(content: LinkContent): Pick<Tables['link'], 'kind' | 'target' | 'payload'> {
  if (content.payload === undefined) return { kind: 'url', target: content.target, payload: null }
  const { kind, ...payload } = content.payload
  return { kind, target: null, payload: JSON.stringify(payload) }
}

/** A link by its number or its slug. */
export type LinkName = { readonly id: number } | { readonly slug: string }

export async function findLink(db: Db, teamId: number, name: LinkName): Promise<Link | undefined> {
  const row = await db
    .selectFrom('link')
    .selectAll()
    .where('team_id', '=', teamId)
    .where((eb) => named(eb, name))
    .executeTakeFirst()
  return row && toLink(row)
}

/** A link whosever it is, for what everybody may see of it. */
export async function findLinkById(db: Db, linkId: number): Promise<Link | undefined> {
  const row = await db.selectFrom('link').selectAll().where('id', '=', linkId).executeTakeFirst()
  return row && toLink(row)
}

/** The number of a team's link, by the opaque id it shows. */
export async function findLinkId(db: Db, teamId: number, publicId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('link')
    .select('id')
    .where('public_id', '=', publicId)
    .where('team_id', '=', teamId)
    .executeTakeFirst()
  return row?.id
}

/** As {@link findLink}, and nobody changes or deletes the link before the transaction ends. */
export async function lockLink(db: Db, teamId: number, name: LinkName): Promise<Link | undefined> {
  const row = await db
    .updateTable('link')
    // Writing what is there locks the row on both databases.
    .set((eb) => ({ slug: eb.ref('slug') }))
    .where('team_id', '=', teamId)
    .where((eb) => named(eb, name))
    .returningAll()
    .executeTakeFirst()
  return row && toLink(row)
}

/** Those of a team's links that have one of these ids, by id. */
export async function findLinksByIds(
  db: Db,
  teamId: number,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Link>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('link')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map((row) => [row.id, toLink(row)]))
}

/** Which links of a team; all that is given must hold. */
export interface LinkFilter {
  readonly status?: LinkStatus | undefined
  readonly kind?: LinkKind | undefined
  readonly source?: Link['source'] | undefined
  /** Part of the title, target or slug, in any case (of ASCII letters). */
  readonly text?: string | undefined
  /** At least one of these tags, in any case (of ASCII letters). */
  readonly tags?: readonly string[] | undefined
}

/** A stretch of a team's links, newest first. */
export async function findLinks(
  db: Db,
  teamId: number,
  page: { readonly offset: number; readonly limit: number },
  filter: LinkFilter = {},
): Promise<readonly Link[]> {
  const rows = await db
    .selectFrom('link')
    .selectAll()
    .where((eb) => matches(eb, teamId, filter))
    .orderBy('id', 'desc')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  return rows.map(toLink)
}

export async function countLinks(db: Db, teamId: number, filter: LinkFilter = {}): Promise<number> {
  const row = await db
    .selectFrom('link')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where((eb) => matches(eb, teamId, filter))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

function matches(eb: ExpressionBuilder<Tables, 'link'>, teamId: number, filter: LinkFilter) {
  const conditions = [eb('team_id', '=', teamId)]
  if (filter.status !== undefined) conditions.push(eb('status', '=', filter.status))
  if (filter.kind !== undefined) conditions.push(eb('kind', '=', filter.kind))
  if (filter.source !== undefined) conditions.push(eb('source', '=', filter.source))
  if (filter.text !== undefined) {
    const pattern = `%${escapeLike(filter.text.toLowerCase())}%`
    const columns = ['title', 'target', 'slug'] as const
    conditions.push(
      eb.or(columns.map((column) => sql<boolean>`lower(${eb.ref(column)}) like ${pattern} escape '\\'`)),
    )
  }
  if (filter.tags !== undefined) {
    // Tags are a JSON array of texts: one is in it exactly if it stands there as JSON.
    const patterns = filter.tags.map((tag) => `%${escapeLike(JSON.stringify(tag.toLowerCase()))}%`)
    conditions.push(eb.or(patterns.map((pattern) => sql<boolean>`lower(tags) like ${pattern} escape '\\'`)))
  }
  return eb.and(conditions)
}

/** Where in a sorted list a link stands: what it is sorted by, and its number where that is the same. */
export interface LinkPlace {
  readonly id: number
  readonly value: string | number
}

/** Links are numbered in the order they are created in, and there is an index of that. */
const SORT_COLUMNS = { created_at: 'id', updated_at: 'updated_at_ms', slug: 'slug' } as const

/** A stretch of a team's links in some order, behind a place of it. */
export async function findLinksAfter(
  db: Db,
  teamId: number,
  page: {
    readonly filter: LinkFilter
    readonly order: { readonly by: keyof typeof SORT_COLUMNS; readonly isDescending: boolean }
    readonly limit: number
    readonly after: LinkPlace | undefined
  },
): Promise<readonly Link[]> {
  const { filter, order, after } = page
  const column = SORT_COLUMNS[order.by]
  const direction = order.isDescending ? 'desc' : 'asc'
  const beyond = order.isDescending ? '<' : '>'
  const rows = await db
    .selectFrom('link')
    .selectAll()
    .where((eb) => matches(eb, teamId, filter))
    .$if(after !== undefined, (query) =>
      query.where((eb) =>
        column === 'id'
          ? eb('id', beyond, after?.id ?? 0)
          : eb.or([
              eb(column, beyond, after?.value ?? ''),
              eb.and([eb(column, '=', after?.value ?? ''), eb('id', beyond, after?.id ?? 0)]),
            ]),
      ),
    )
    .$if(column !== 'id', (query) => query.orderBy(column, direction))
    .orderBy('id', direction)
    .limit(page.limit)
    .execute()
  return rows.map(toLink)
}

/** The numbers of a team's links that pass a filter. */
export async function findLinkIds(
  db: Db,
  teamId: number,
  filter: LinkFilter,
  limit: number,
): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('link')
    .select('id')
    .where((eb) => matches(eb, teamId, filter))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Whether a link has this slug, whosever it is. */
export async function isSlugInUse(db: Db, slug: string): Promise<boolean> {
  const row = await db.selectFrom('link').select('id').where('slug', '=', slug).executeTakeFirst()
  return row !== undefined
}

/** The tags of a team's links with how many have each, the most frequent first. */
export async function findTags(
  db: Db,
  teamId: number,
  limit: number,
): Promise<readonly { readonly tag: string; readonly links: number }[]> {
  const { rows } = await sql<{ tag: string; links: number }>`
    select tag.value as tag, count(*) as links
    from link, ${jsonTexts(db, sql.ref('link.tags'))} as tag
    where link.team_id = ${teamId}
    group by tag.value
    order by links desc, tag
    limit ${limit}`.execute(db)
  return rows.map(({ tag, links }) => ({ tag, links: Number(links) }))
}

/** Text as it stands in a pattern of LIKE. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

export interface LinkChanges {
  /** Of a link of the kind `url`. */
  readonly target?: TargetUrl | undefined
  /** Of a link of the payload's kind. */
  readonly payload?: LinkPayload | undefined
  readonly title?: string | null | undefined
  readonly description?: string | null | undefined
  readonly tags?: readonly string[] | undefined
  /** Ask the page of a new target for its title and icon. */
  readonly wantsPageInfo?: boolean | undefined
  readonly status?: LinkStatus | undefined
  readonly expiresAt?: Date | null | undefined
}

/** @returns the link as it is now; undefined when the team has none of that name */
export async function updateLinkRow(
  db: Db,
  link: { readonly teamId: number; readonly name: LinkName },
  changes: LinkChanges,
  now: Date,
): Promise<Link | undefined> {
  const row = await db
    .updateTable('link')
    .set({
      updated_at_ms: now.getTime(),
      ...(changes.target !== undefined && {
        target: changes.target,
        page_title: null,
        favicon_url: null,
        page_info: changes.wantsPageInfo === true ? ('wanted' as const) : ('none' as const),
      }),
      ...(changes.payload !== undefined && contentColumns({ payload: changes.payload })),
      ...(changes.title !== undefined && { title: changes.title }),
      ...(changes.description !== undefined && { description: changes.description }),
      ...(changes.tags !== undefined && { tags: JSON.stringify(changes.tags) }),
      ...(changes.status !== undefined && { status: changes.status }),
      ...(changes.expiresAt !== undefined && { expires_at_ms: changes.expiresAt?.getTime() ?? null }),
    })
    .where('team_id', '=', link.teamId)
    .where((eb) => named(eb, link.name))
    .returningAll()
    .executeTakeFirst()
  return row && toLink(row)
}

/** @returns what was deleted; undefined when the team has no link of that name */
export async function deleteLinkRow(
  db: Db,
  link: { readonly teamId: number; readonly name: LinkName },
): Promise<Link | undefined> {
  const row = await db
    .deleteFrom('link')
    .where('team_id', '=', link.teamId)
    .where((eb) => named(eb, link.name))
    .returningAll()
    .executeTakeFirst()
  return row && toLink(row)
}

function named(eb: ExpressionBuilder<Tables, 'link'>, name: LinkName) {
  return 'id' in name ? eb('id', '=', name.id) : eb('slug', '=', name.slug)
}

/** A link whose target's page is still to be asked for its title and icon. */
export interface PageInfoWish {
  readonly linkId: number
  readonly target: string
}

/** The oldest links whose page is still to be asked. */
export async function findPageInfoWishes(db: Db, limit: number): Promise<readonly PageInfoWish[]> {
  return db
    .selectFrom('link')
    .select(['id as linkId', 'target'])
    .where('page_info', '=', 'wanted')
    .where('target', 'is not', null)
    .$narrowType<{ target: string }>()
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Settle a wish: with what the page said, or with nothing. A link that leads elsewhere by now is left as it is. */
export async function settlePageInfo(
  db: Db,
  wish: PageInfoWish,
  page: { readonly title: string | null; readonly faviconUrl: string | null },
): Promise<void> {
  await db
    .updateTable('link')
    .set({ page_title: page.title, favicon_url: page.faviconUrl, page_info: 'none' })
    .where('id', '=', wish.linkId)
    .where('target', '=', wish.target)
    .execute()
}

/** Note that the clicks of a deleted link are to be deleted; in the transaction that deletes it. */
export async function insertLinkErasure(db: Db, linkId: number): Promise<void> {
  await db.insertInto('link_erasure').values({ link_id: linkId }).execute()
}

/** Deleted links whose clicks are still there. */
export async function findLinkErasures(db: Db, limit: number): Promise<readonly number[]> {
  const rows = await db.selectFrom('link_erasure').select('link_id').orderBy('link_id').limit(limit).execute()
  return rows.map((row) => row.link_id)
}

export async function deleteLinkErasure(db: Db, linkId: number): Promise<void> {
  await db.deleteFrom('link_erasure').where('link_id', '=', linkId).execute()
}

/** The team a link is in, if the user is a member of that team. */
export async function findTeamIdOfSlug(db: Db, userId: number, slug: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('link')
    .innerJoin('membership', 'membership.team_id', 'link.team_id')
    .select('link.team_id')
    .where('link.slug', '=', slug)
    .where('membership.user_id', '=', userId)
    .executeTakeFirst()
  return row?.team_id
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
  /** Null where the link has a page instead. */
  readonly target: string | null
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
    kind: row.kind,
    target: row.target as TargetUrl | null,
    // Only parsed payloads are ever stored, their kind in its own column.
    payload: row.payload === null ? null : ({ kind: row.kind, ...JSON.parse(row.payload) } as LinkPayload),
    title: row.title,
    description: row.description,
    // Only arrays of texts are ever stored in that column.
    tags: JSON.parse(row.tags) as readonly string[],
    pageTitle: row.page_title,
    faviconUrl: row.favicon_url,
    status: row.status,
    source: row.source,
    expiresAt: row.expires_at_ms === null ? null : new Date(row.expires_at_ms),
    createdAt: new Date(row.created_at_ms),
    updatedAt: new Date(row.updated_at_ms),
  }
}
