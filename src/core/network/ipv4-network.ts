import { formatIpv4, hostMask, widestIpv4Bits } from './address-words.ts'
import type { AddressNetwork, AsBrief, NetworkSource } from './network.ts'

/** What is said alike of all networks that the same systems announce. */
export interface Announced {
  /** Of the prefix; undefined for a range that may be none, whose prefix is the largest around the address in it. */
  readonly bits: number | undefined
  readonly origins: readonly AsBrief[]
  readonly source: NetworkSource
}

/**
 * The network of an IPv4 address, whose texts are made when they are asked for: that takes longer than finding it does,
 * and most who look up an address ask for one of the three or for none. It holds no part of the file it was read from.
 */
export class Ipv4Network implements AddressNetwork {
  readonly origins: readonly AsBrief[]
  readonly source: NetworkSource
  readonly #bits: number | undefined
  readonly #address: number
  readonly #first: number
  readonly #last: number
  #prefix: string | undefined

  /** @param address of 32 bits, as are the `first` and the `last` of its range */
  constructor(announced: Announced, address: number, first: number, last: number) {
    this.origins = announced.origins
    this.source = announced.source
    this.#bits = announced.bits
    this.#address = address
    this.#first = first
    this.#last = last
  }

  get prefix(): string {
    return (this.#prefix ??= this.#formatPrefix())
  }

  get first(): string {
    return formatIpv4(this.#first)
  }

  get last(): string {
    return formatIpv4(this.#last)
  }

  #formatPrefix(): string {
    const bits = this.#bits ?? widestIpv4Bits(this.#address, this.#first, this.#last)
    return `${formatIpv4((this.#address & ~hostMask(bits)) >>> 0)}/${bits}`
  }

  /** All of it, since what is no property of its own would be left out. */
  toJSON(): AddressNetwork {
    const { prefix, first, last, origins, source } = this
    return { prefix, first, last, origins, source }
  }
}
