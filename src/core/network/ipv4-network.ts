import { formatIpv4, hostMask, widestIpv4Bits } from './address-words.ts'
import type { AddressNetwork, AsBrief, NetworkSource } from './network.ts'

/**
 * The network of an IPv4 address, whose texts are made when they are asked for: that takes longer than finding it does,
 * and most who look up an address ask for one of the three or for none. It holds no part of the file it was read from.
 */
export class Ipv4Network implements AddressNetwork {
  readonly origins: readonly AsBrief[]
  readonly source: NetworkSource
  readonly #address: number
  readonly #first: number
  readonly #last: number
  readonly #bits: number | undefined

  /**
   * @param range the address, and the first and last of its range, as numbers of 32 bits
   * @param bits of the prefix; undefined for a range that may be none, whose prefix is the largest around the address in it
   */
  constructor(
    { address, first, last }: { readonly address: number; readonly first: number; readonly last: number },
    bits: number | undefined,
    origins: readonly AsBrief[],
    source: NetworkSource,
  ) {
    this.origins = origins
    this.source = source
    this.#address = address
    this.#first = first
    this.#last = last
    this.#bits = bits
  }

  get prefix(): string {
    const bits = this.#bits ?? widestIpv4Bits(this.#address, this.#first, this.#last)
    return `${formatIpv4((this.#address & ~hostMask(bits)) >>> 0)}/${bits}`
  }

  get first(): string {
    return formatIpv4(this.#first)
  }

  get last(): string {
    return formatIpv4(this.#last)
  }

  /** All of it, since what is no property of its own would be left out. */
  toJSON(): AddressNetwork {
    const { prefix, first, last, origins, source } = this
    return { prefix, first, last, origins, source }
  }
}
