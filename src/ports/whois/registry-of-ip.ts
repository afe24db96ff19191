import { parseIp } from '#ports/geo/parse-ip.ts'
import type { RegistryName } from './registries.ts'

/** A registry of addresses. */
export type AddressRegistry = Exclude<RegistryName, 'IANA'>

/**
 * By registry, the first octets that IANA has given to it or that it looks after. ARIN has the others, and refers to
 * whoever has what it has handed on.
 *
 * Source: https://www.iana.org/assignments/ipv4-address-space
 */
const OCTETS: Readonly<Record<Exclude<AddressRegistry, 'ARIN'>, string>> = {
  AFRINIC: '41 102 105 154 196 197',
  APNIC:
    '1 14 27 36 39 42 43 49 58-61 101 103 106 110-126 133 150 153 163 171 175 180 182 183 202 203 210 211 218-223',
  LACNIC: '177 179 181 186 187 189-191 200 201',
  RIPE: '2 5 25 31 37 46 51 53 57 62 77-95 109 141 145 151 176 178 185 188 193-195 212 213 217',
}

/**
 * Parts of 2000::/3, the first that fits counting: a prefix of up to 32 bits as a number, and how many bits of it count.
 *
 * Source: https://www.iana.org/assignments/ipv6-unicast-address-assignments
 */
const PREFIXES: readonly (readonly [prefix: number, bits: number, registry: AddressRegistry])[] = [
  [0x2001_0200, 23, 'APNIC'],
  [0x2001_0600, 23, 'RIPE'],
  [0x2001_0800, 22, 'RIPE'],
  [0x2001_0c00, 22, 'APNIC'],
  [0x2001_1200, 23, 'LACNIC'],
  [0x2001_1400, 22, 'RIPE'],
  [0x2001_1a00, 23, 'RIPE'],
  [0x2001_1c00, 22, 'RIPE'],
  [0x2001_2000, 19, 'RIPE'],
  [0x2001_4000, 23, 'RIPE'],
  [0x2001_4200, 23, 'AFRINIC'],
  [0x2001_4400, 23, 'APNIC'],
  [0x2001_4600, 23, 'RIPE'],
  [0x2001_4a00, 23, 'RIPE'],
  [0x2001_4c00, 23, 'RIPE'],
  [0x2001_5000, 20, 'RIPE'],
  [0x2001_8000, 17, 'APNIC'],
  [0x2003_0000, 18, 'RIPE'],
  [0x2400_0000, 11, 'APNIC'],
  [0x2800_0000, 12, 'LACNIC'],
  [0x2a00_0000, 11, 'RIPE'],
  [0x2c00_0000, 12, 'AFRINIC'],
]

const byOctet = new Map(
  Object.entries(OCTETS).flatMap(([registry, text]) =>
    text.split(' ').flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number)
      return Array.from(
        { length: last - first + 1 },
        (_, offset) => [first + offset, registry as AddressRegistry] as const,
      )
    }),
  ),
)

/** The registry to ask about an address first; it refers to others where it must. Text that is no address is ARIN's. */
export function registryOfIp(ip: string): AddressRegistry {
  const words = new Uint32Array(4)
  const version = parseIp(ip, words)
  if (version === 4) return byOctet.get((words[3] ?? 0) >>> 24) ?? 'ARIN'
  const first = words[0] ?? 0
  return PREFIXES.find(([prefix, bits]) => first >>> (32 - bits) === prefix >>> (32 - bits))?.[2] ?? 'ARIN'
}
