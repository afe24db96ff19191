import { DomainError } from '#core/errors.ts'

/** Bounds how many streams each team has at a time, in this process. */
export class StreamSlots {
  readonly #limit: number
  readonly #taken = new Map<number, number>()

  /** @param limit streams of one team */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** @throws DomainError `too-many-streams` when all of a team's are taken */
  requireFree(teamId: number): void {
    if ((this.#taken.get(teamId) ?? 0) >= this.#limit)
      throw new DomainError('too-many-streams', { limit: this.#limit })
  }

  /**
   * What a source yields, in one of a team's slots from its first to its last: an answer that nobody ever reads, because
   * the client has gone, takes none. Where others were faster than {@link requireFree} could tell, nothing is yielded.
   */
  async *hold<T>(teamId: number, source: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
    const taken = this.#taken.get(teamId) ?? 0
    if (taken >= this.#limit) return
    this.#taken.set(teamId, taken + 1)
    try {
      yield* source
    } finally {
      const left = (this.#taken.get(teamId) ?? 1) - 1
      if (left === 0) this.#taken.delete(teamId)
      else this.#taken.set(teamId, left)
    }
  }
}
