/** How the store cuts clicks into pieces, in rows; tests make them small. */
export interface StoreSizes {
  /** A tail with so many is made into runs. */
  readonly tail: number
  /** A pack is full with so many. */
  readonly pack: number
  /** From so many in a run on a link is written by itself, with what sums it up. */
  readonly bigLink: number
  /** At most so many are in one chunk of a big link. */
  readonly chunk: number
}

export const STORE_SIZES: StoreSizes = { tail: 16_384, pack: 512, bigLink: 2_048, chunk: 65_536 }
