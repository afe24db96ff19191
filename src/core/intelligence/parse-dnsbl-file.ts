import { z } from 'zod'
import { dnsName } from '#ports/dns/dns-message.ts'
import { isIP } from 'node:net'
import { DNSBL_CATALOGUE } from './dnsbl-catalogue.ts'
import type { ActiveZone } from './dnsbl-health.ts'
import type { DnsblZone } from './dnsbl-zone.ts'

const MAX_ZONES = 500
/** Room for the labels of an IPv6 address before it. */
const MAX_ZONE_CHARACTERS = 180

const Name = z
  .string()
  .transform((text) => dnsName(text))
  .pipe(z.string('is no domain name').max(MAX_ZONE_CHARACTERS))
const Code = z
  .string()
  .refine((text) => isIP(text) === 4 && text.startsWith('127.'), 'is no address of 127.0.0.0/8')
const Bit = z.enum(['1', '2', '4', '8', '16', '32', '64', '128'])
const Meaning = z.string().min(1).max(200)
const Control = z
  .string()
  .refine((text) => isIP(text) !== 0 || dnsName(text) !== undefined, 'is neither an IP address nor a domain')

const Zone = z.strictObject({
  zone: Name,
  name: z.string().min(1).max(100).optional(),
  kind: z.enum(['ip', 'domain', 'both']),
  ipv4: z.boolean().optional(),
  ipv6: z.boolean().optional(),
  key: z.string().min(1).max(100).optional(),
  codes: z.record(Code, Meaning).optional(),
  bits: z.partialRecord(Bit, Meaning).optional(),
  isStrict: z.boolean().optional(),
  refusals: z.array(Code).max(50).optional(),
  harmless: z.array(Code).max(50).optional(),
  controls: z
    .strictObject({ listed: Control.nullable().optional(), unlisted: Control.optional() })
    .optional(),
})

const DnsblFile = z.strictObject({
  builtIn: z.boolean().default(true),
  keys: z
    .record(
      z.string().min(1).max(100),
      z.string().regex(/^[a-z0-9_-]{1,63}$/i, 'is no key: a label of a name'),
    )
    .default({}),
  without: z.array(Name).max(MAX_ZONES).default([]),
  zones: z.array(Zone).max(MAX_ZONES).default([]),
})

/** The built-in catalogue without the zones that want a key. */
export function builtInZones(): readonly ActiveZone[] {
  return activeZones(DNSBL_CATALOGUE, {})
}

/**
 * The zones of an operator's catalogue (JSON): the built-in ones unless `builtIn` is false, without those of `without`,
 * with those of `zones`, which take the place of built-in ones of the same name; zones with a key when `keys` has it.
 *
 * @throws Error whose message names every field that is wrong, and no key
 */
export function parseDnsblFile(text: string): readonly ActiveZone[] {
  const parsed = DnsblFile.safeParse(parseJson(text))
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  const { builtIn, keys, without, zones } = parsed.data
  const own = zones.map(toZone)
  const names = own.map(({ zone }) => zone)
  const problems = [
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is there twice`),
    ...without
      .filter((name) => !DNSBL_CATALOGUE.some(({ zone }) => zone === name))
      .map((name) => `"without" names ${name}, which is no built-in zone`),
    ...own
      .filter(({ key }) => key !== undefined && keys[key] === undefined)
      .map(({ zone, key }) => `${zone} wants the key "${key ?? ''}", which is not in "keys"`),
    ...Object.keys(keys)
      .filter((name) => ![...DNSBL_CATALOGUE, ...own].some(({ key }) => key === name))
      .map((name) => `no zone wants the key "${name}"`),
  ]
  if (problems.length > 0) throw new Error(problems.join('; '))
  const kept = builtIn
    ? DNSBL_CATALOGUE.filter(({ zone }) => !without.includes(zone) && !names.includes(zone))
    : []
  return activeZones([...kept, ...own], keys)
}

/** The runtime's own message would show a part of the text, which may be a key. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('it is no JSON')
  }
}

function toZone(zone: z.infer<typeof Zone>): DnsblZone {
  const { name, ipv4, ipv6, ...rest } = zone
  const isForIps = rest.kind !== 'domain'
  const defined = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return {
    // Without what was left out, which the types of the catalogue do not have as undefined.
    ...(defined as Pick<DnsblZone, 'zone' | 'kind'>),
    name: name ?? rest.zone,
    ipv4: ipv4 ?? isForIps,
    ipv6: ipv6 ?? false,
    terms: rest.key === undefined ? 'open' : 'key',
  }
}

function activeZones(
  zones: readonly DnsblZone[],
  keys: Readonly<Record<string, string>>,
): readonly ActiveZone[] {
  return zones.flatMap((zone) => {
    if (zone.key === undefined) return [{ ...zone, suffix: zone.zone }]
    const key = keys[zone.key]
    return key === undefined ? [] : [{ ...zone, suffix: `${key.toLowerCase()}.${zone.zone}` }]
  })
}
