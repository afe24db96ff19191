/** What a redirect needs of a link, ready to use. */
export interface RedirectLink {
  readonly linkId: number
  readonly teamId: number
  /** The `Location` to answer, as the URL Standard writes it; the path of its page where it has one. */
  readonly location: string
  /** It leads to a page of ours, which counts the click and wants the query. */
  readonly hasPage: boolean
  readonly isActive: boolean
  /** Unix milliseconds; Infinity when the link does not expire. */
  readonly expiresAtMs: number
}

/** What an entry takes beside its text, roughly: two map slots, the object and its numbers. */
const ENTRY_BYTES = 200

/**
 * Links in memory, bounded by size.
 *
 * Two generations stand in for least-recently-used order: a hit in the old one moves the entry to the young one,
 * and when the young one holds half the budget it becomes the old one and the old one is dropped. A hit on a hot
 * link costs one map lookup and writes nothing.
 */
export class LinkCache {
  readonly #halfBytes: number
  #young = new Map<string, RedirectLink>()
  #old = new Map<string, RedirectLink>()
  #youngBytes = 0

  constructor(budgetBytes: number) {
    this.#halfBytes = budgetBytes / 2
  }

  get(slug: string): RedirectLink | undefined {
    const link = this.#young.get(slug)
    if (link !== undefined) return link
    const aged = this.#old.get(slug)
    if (aged !== undefined) this.set(slug, aged)
    return aged
  }

  set(slug: string, link: RedirectLink): void {
    if (this.#youngBytes >= this.#halfBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    if (!this.#young.has(slug)) this.#youngBytes += ENTRY_BYTES + slug.length + link.location.length
    this.#young.set(slug, link)
  }

  delete(slug: string): void {
    this.#young.delete(slug)
    this.#old.delete(slug)
  }

  /** How many links are held; one that is in both generations counts twice. */
  get size(): number {
    return this.#young.size + this.#old.size
  }
}
