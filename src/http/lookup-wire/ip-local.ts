import { countryName } from '#core/clicks/countries.ts'
import type { AddressReport, CountryConsensus, PlaceReport } from '#core/intelligence/address-report.ts'
import type { AddressNetwork, IpRecord, Place } from '#core/network/network.ts'

/**
 * What local data tell of an address, as the contract shows it: `sources`, `privacy` and what stands between `ip` and them;
 * `consensus`, `network` and the reasons are ours. Source: contract "Example Response (IP)".
 */
export function addressToWire(address: AddressReport, rdns?: object) {
  const { record, places, consensus } = address
  const { special, embedded, network } = record
  return {
    ip: record.ip,
    ip_version: record.version === 4 ? 'IPv4' : 'IPv6',
    bogon: special !== undefined,
    ...rdns,
    bogon_reason: special,
    embedded: embedded.length > 0 ? embedded : undefined,
    sources: sourcesToWire(places, network),
    consensus: consensusToWire(consensus),
    network: network === undefined ? null : networkToWire(network, record.allocation),
    privacy: privacyToWire(address),
  }
}

/** Each loaded geo database by its name, and the one that knows who announces the address. */
function sourcesToWire(places: readonly PlaceReport[], network: AddressNetwork | undefined) {
  const wire: Record<string, object> = {}
  for (const { source, place } of places)
    wire[source.title] = {
      geo: place === undefined ? NO_GEO : geoToWire(place),
      network:
        network?.source === source
          ? announcedToWire(network)
          : place === undefined
            ? NO_NETWORK
            : ownNetwork(place),
      as_of: source.date ?? null,
      license: source.license,
    }
  const { source } = network ?? {}
  if (network !== undefined && source !== undefined && wire[source.title] === undefined)
    wire[source.title] = {
      geo: NO_GEO,
      network: announcedToWire(network),
      as_of: source.date ?? null,
      license: source.license,
    }
  return wire
}

const NO_GEO = { city: null, country: null, country_name: null }
const NO_NETWORK = { asn: null, org: null, network: null }

/** The documented fields always, others where the database has them: what is undefined is not written. */
function geoToWire(place: Place) {
  const { city, country, region, postalCode, latitude, longitude, timeZone, continent } = place
  const isPoint = latitude !== undefined && longitude !== undefined
  return {
    city: city || null,
    country: country || null,
    country_name: countryName(country) || null,
    region: region || undefined,
    postal_code: postalCode || undefined,
    continent: continent || undefined,
    latitude: isPoint ? latitude : undefined,
    longitude: isPoint ? longitude : undefined,
    time_zone: timeZone || undefined,
  }
}

/** What a geo database itself says of the network. */
function ownNetwork({ asn, organization }: Place) {
  return asn === undefined ? NO_NETWORK : { asn, org: organization || null, network: null }
}

function announcedToWire({ prefix, origins: [origin] }: AddressNetwork) {
  return { asn: origin?.asn ?? null, org: origin?.organization || null, network: prefix }
}

function consensusToWire({ country, votes, voters }: CountryConsensus) {
  return {
    country: country || null,
    country_name: countryName(country) || null,
    agreement: voters === 0 ? null : Math.round((votes / voters) * 100) / 100,
    databases: voters,
  }
}

function networkToWire({ prefix, origins, source }: AddressNetwork, allocation: IpRecord['allocation']) {
  const [origin] = origins
  return {
    asn: origin?.asn ?? null,
    name: origin?.name || null,
    org: origin?.organization || null,
    country: origin?.country || null,
    network: prefix,
    origins:
      origins.length > 1
        ? origins.map(({ asn, organization }) => ({ asn, org: organization || null }))
        : undefined,
    registry: allocation && {
      name: allocation.value.rir,
      country: allocation.value.country || null,
      allocated: allocation.value.allocatedOn ?? null,
      status: allocation.value.status.toLowerCase(),
    },
    source: source.title,
  }
}

/** Clouds by the names that the contract's example has; others are shown as their ranges are named. */
const CLOUDS: Readonly<Record<string, string>> = {
  aws: 'AWS',
  gcp: 'GCP',
  azure: 'Azure',
  oracle: 'Oracle',
  cloudflare: 'Cloudflare',
  digitalocean: 'DigitalOcean',
  linode: 'Linode',
  vultr: 'Vultr',
  fastly: 'Fastly',
  github: 'GitHub',
}

/** A flag that no loaded list could raise is false, as the contract has no third value, and named in `unknown`. */
export function privacyToWire({ record, isProxy, proxyListings }: AddressReport) {
  const { vpn, tor, hosting, cloudProvider, cloudService, evidence } = record.privacy
  const unknown: string[] = []
  if (vpn === undefined) unknown.push('vpn')
  if (isProxy === undefined) unknown.push('proxy')
  if (tor === undefined) unknown.push('tor')
  if (hosting === undefined) unknown.push('hosting')
  if (cloudProvider === undefined) unknown.push('cloud_provider')
  return {
    vpn: vpn === true,
    proxy: isProxy === true,
    tor: tor === true,
    hosting: hosting === true,
    cloud_provider: cloudProvider ? (CLOUDS[cloudProvider] ?? cloudProvider) : null,
    cloud_service: cloudService || undefined,
    unknown: unknown.length > 0 ? unknown : undefined,
    evidence:
      evidence.length + proxyListings.length === 0 ? NO_EVIDENCE : evidenceToWire(evidence, proxyListings),
  }
}

const NO_EVIDENCE: readonly object[] = []

function evidenceToWire(
  evidence: AddressReport['record']['privacy']['evidence'],
  proxyListings: AddressReport['proxyListings'],
): readonly object[] {
  return [
    ...evidence.map(({ flag, by, matched, detail, source }) => ({
      flag,
      by,
      matched,
      ...(detail !== '' && { detail }),
      source: source.title,
    })),
    ...proxyListings.map(({ zone, name, meaning }) => ({
      flag: 'proxy',
      by: 'blocklist',
      matched: zone,
      detail: meaning,
      source: name,
    })),
  ]
}
