/** A block of AS numbers that no network on the Internet has. */
export interface ReservedAsns {
  readonly first: number
  readonly last: number
  readonly purpose: string
  readonly reference: string
}

/** Source: https://www.iana.org/assignments/iana-as-numbers-special-registry, and for a row what stands behind it. */
const RESERVED: readonly ReservedAsns[] = [
  { first: 0, last: 0, purpose: 'not to be announced', reference: 'RFC 7607' },
  { first: 23_456, last: 23_456, purpose: 'AS_TRANS', reference: 'RFC 6793' },
  { first: 64_496, last: 64_511, purpose: 'documentation', reference: 'RFC 5398' },
  { first: 64_512, last: 65_534, purpose: 'private use', reference: 'RFC 6996' },
  { first: 65_535, last: 65_535, purpose: 'reserved', reference: 'RFC 7300' },
  { first: 65_536, last: 65_551, purpose: 'documentation', reference: 'RFC 5398' },
  { first: 65_552, last: 131_071, purpose: 'reserved', reference: 'IANA AS numbers' },
  { first: 4_200_000_000, last: 4_294_967_294, purpose: 'private use', reference: 'RFC 6996' },
  { first: 4_294_967_295, last: 4_294_967_295, purpose: 'reserved', reference: 'RFC 7300' },
]

/** The reserved block an AS number is in; undefined for one that a network can have. */
export function reservedAsns(asn: number): ReservedAsns | undefined {
  return RESERVED.find(({ first, last }) => asn >= first && asn <= last)
}
