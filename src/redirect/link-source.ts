import { isReservedSlug, isSlug } from '#core/links/link.ts'
import { pagePath } from '#core/links/link-address.ts'
import type { RedirectRow } from '#core/links/link-queries.ts'
import type { PreparedRead } from '#db/open-database.ts'
import { latin1 } from '#http/request-head.ts'
import { LinkCache, type LinkInPlace, type RedirectLink } from './link-cache.ts'

/** Slugs remembered as unknown between two sweeps; further ones ask the database each time. */
const MAX_UNKNOWN = 50_000

export interface LinkSourceOptions {
  /** Reads a link's row by slug from the database. */
  readonly read: PreparedRead<RedirectRow>
  /** What the links in memory may take. */
  readonly cacheBytes: number
}

/**
 * Links by slug: from memory, else by one read of the database. Slugs that are no link are remembered until
 * {@link LinkSource.forgetUnknown}, so that a scan for slugs does not become a load on the database.
 */
export class LinkSource {
  readonly #read: PreparedRead<RedirectRow>
  readonly #cache: LinkCache
  readonly #unknown = new Set<string>()
  /** Reads that are under way; a change that comes meanwhile takes its slug out, and the read is not kept. */
  readonly #pending = new Map<string, Promise<RedirectLink | undefined>>()

  constructor({ read, cacheBytes }: LinkSourceOptions) {
    this.#read = read
    this.#cache = new LinkCache(cacheBytes)
  }

  /** The link if it is in memory, without further ado. */
  peek(slug: string): RedirectLink | undefined {
    return this.#cache.get(slug)
  }

  /** The link, or undefined when there is none; a promise only where the database is not in this process. */
  find(slug: string): RedirectLink | undefined | Promise<RedirectLink | undefined> {
    if (!isSlug(slug) || isReservedSlug(slug) || this.#unknown.has(slug)) return undefined
    const pending = this.#pending.get(slug)
    if (pending !== undefined) return pending
    const row = this.#read(slug)
    return row instanceof Promise ? this.#await(slug, row) : this.#keep(slug, row)
  }

  /**
   * The link of the slug that stands in some bytes, if there is one and no wait for it; good until the next call. Where it
   * has to be waited for the read is begun, and {@link LinkSource.find} joins it; what fails is told there.
   */
  findAtOnce(bytes: Buffer, start: number, end: number): LinkInPlace | undefined {
    const kept = this.#cache.find(bytes, start, end)
    if (kept !== undefined) return kept
    try {
      const found = this.find(latin1(bytes, start, end))
      if (found === undefined) return undefined
      if (!(found instanceof Promise)) return this.#cache.find(bytes, start, end)
      found.catch(() => {})
    } catch {
      // Asked again, and told, by whoever answers instead.
    }
    return undefined
  }

  /** Read the slug anew when it is next asked for. */
  forget(slug: string): void {
    this.#cache.delete(slug)
    this.#unknown.delete(slug)
    this.#pending.delete(slug)
  }

  /** Ask the database again for slugs that were no links. */
  forgetUnknown(): void {
    this.#unknown.clear()
  }

  /** How many links are in memory. */
  get size(): number {
    return this.#cache.size
  }

  #await(slug: string, row: Promise<RedirectRow | undefined>): Promise<RedirectLink | undefined> {
    const link = row.then(
      (found) => {
        if (this.#pending.get(slug) !== link) return toRedirectLink(slug, found)
        this.#pending.delete(slug)
        return this.#keep(slug, found)
      },
      (error: unknown) => {
        if (this.#pending.get(slug) === link) this.#pending.delete(slug)
        throw error
      },
    )
    this.#pending.set(slug, link)
    return link
  }

  #keep(slug: string, row: RedirectRow | undefined): RedirectLink | undefined {
    const link = toRedirectLink(slug, row)
    if (link !== undefined) this.#cache.set(slug, link)
    else if (this.#unknown.size < MAX_UNKNOWN) this.#unknown.add(slug)
    return link
  }
}

function toRedirectLink(slug: string, row: RedirectRow | undefined): RedirectLink | undefined {
  return (
    row && {
      linkId: row.id,
      teamId: row.team_id,
      location: row.target === null ? pagePath(slug) : new URL(row.target).href,
      hasPage: row.target === null,
      isActive: row.status !== 'inactive',
      expiresAtMs: row.expires_at_ms ?? Number.POSITIVE_INFINITY,
    }
  )
}
