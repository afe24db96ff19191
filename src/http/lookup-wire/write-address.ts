import { countryName } from '#core/clicks/countries.ts'
import { consensusOf, describeRecord, placeBy } from '#core/intelligence/address-report.ts'
import type { AddressNetwork, IpRecord, NetworkSource, NetworkView, Place } from '#core/network/network.ts'
import type { JsonBuffer } from '#http/json-buffer.ts'
import { privacyToWire } from './ip-local.ts'

/** Of a view this is all that is read. */
type Sources = Pick<NetworkView, 'geoSources'>
type Privacy = IpRecord['privacy']

const STATUS: Readonly<Record<NonNullable<IpRecord['allocation']>['value']['status'], string>> = {
  ALLOCATED: 'allocated',
  ASSIGNED: 'assigned',
  RESERVED: 'reserved',
  AVAILABLE: 'available',
}

/** The privacy that was written last, and what was written: most addresses are in no list, and share it. */
let lastPrivacy: Privacy | undefined
let lastPrivacyText = ''

/**
 * Write what local data tell of an address, from `ip` on, the same as JSON has of `addressToWire` but for the braces.
 *
 * Objects and texts that live for one answer are most of what the collector has to look through, while everybody
 * waits; here there are next to none.
 *
 * @returns false, with nothing written, for what is not written so: bogons, addresses that carry others, and sources
 *   that cannot be told apart by their titles
 */
export function writeAddress(json: JsonBuffer, view: Sources, record: IpRecord): boolean {
  if (record.special !== undefined || record.embedded.length > 0 || haveSameTitles(view)) return false
  const { network, places } = record
  json.raw('"ip":').text(record.ip)
  json.raw(record.version === 4 ? ',"ip_version":"IPv4","bogon":false' : ',"ip_version":"IPv6","bogon":false')
  json.raw(',"sources":{')
  let isAnnouncerAmongThem = false
  let isFirst = true
  for (const source of view.geoSources) {
    if (!isFirst) json.raw(',')
    isFirst = false
    const isAnnouncer = network?.source === source
    isAnnouncerAmongThem ||= isAnnouncer || network?.source.title === source.title
    writeSource(json, source, placeBy(source, places), isAnnouncer ? network : undefined)
  }
  if (network !== undefined && !isAnnouncerAmongThem) {
    if (!isFirst) json.raw(',')
    writeSource(json, network.source, undefined, network)
  }
  writeConsensus(json, places)
  writeNetwork(json, network, record.allocation)
  json.raw(',"privacy":').raw(privacyText(view, record))
  return true
}

function haveSameTitles({ geoSources }: Sources): boolean {
  for (let at = 1; at < geoSources.length; at++)
    for (let before = 0; before < at; before++)
      if (geoSources[at]?.title === geoSources[before]?.title) return true
  return false
}

function writeSource(
  json: JsonBuffer,
  source: NetworkSource,
  place: Place | undefined,
  network: AddressNetwork | undefined,
): void {
  json.text(source.title).raw(':{"geo":{"city":').textOrNull(place?.city)
  json.raw(',"country":').textOrNull(place?.country)
  json.raw(',"country_name":').textOrNull(countryName(place?.country ?? ''))
  if (place !== undefined) {
    const { region, postalCode, continent, latitude, longitude, timeZone } = place
    if (region !== '') json.raw(',"region":').text(region)
    if (postalCode !== '') json.raw(',"postal_code":').text(postalCode)
    if (continent !== '') json.raw(',"continent":').text(continent)
    if (latitude !== undefined && longitude !== undefined)
      json.raw(',"latitude":').number(latitude).raw(',"longitude":').number(longitude)
    if (timeZone !== '') json.raw(',"time_zone":').text(timeZone)
  }
  const [origin] = network?.origins ?? []
  const asn = network === undefined ? place?.asn : origin?.asn
  json.raw('},"network":{"asn":').numberOrNull(asn)
  json.raw(',"org":')
  if (network !== undefined) json.textOrNull(origin?.organization)
  else json.textOrNull(asn === undefined ? undefined : place?.organization)
  json.raw(',"network":').textOrNull(network?.prefix)
  json.raw('},"as_of":').textOrNull(source.date)
  json.raw(',"license":').text(source.license).raw('}')
}

function writeConsensus(json: JsonBuffer, places: readonly Place[]): void {
  const { country, votes, voters } = consensusOf(places)
  json.raw('},"consensus":{"country":').textOrNull(country)
  json.raw(',"country_name":').textOrNull(countryName(country))
  json.raw(',"agreement":').numberOrNull(voters === 0 ? undefined : Math.round((votes / voters) * 100) / 100)
  json.raw(',"databases":').number(voters).raw('}')
}

function writeNetwork(
  json: JsonBuffer,
  network: AddressNetwork | undefined,
  allocation: IpRecord['allocation'],
): void {
  if (network === undefined) {
    json.raw(',"network":null')
    return
  }
  const { origins } = network
  const [origin] = origins
  json.raw(',"network":{"asn":').numberOrNull(origin?.asn)
  json.raw(',"name":').textOrNull(origin?.name)
  json.raw(',"org":').textOrNull(origin?.organization)
  json.raw(',"country":').textOrNull(origin?.country)
  json.raw(',"network":').text(network.prefix)
  if (origins.length > 1) {
    json.raw(',"origins":[')
    for (const [at, { asn, organization }] of origins.entries())
      json
        .raw(at === 0 ? '{"asn":' : ',{"asn":')
        .number(asn)
        .raw(',"org":')
        .textOrNull(organization)
        .raw('}')
    json.raw(']')
  }
  if (allocation !== undefined) {
    const { rir, country, allocatedOn, status } = allocation.value
    json.raw(',"registry":{"name":').text(rir).raw(',"country":').textOrNull(country)
    json.raw(',"allocated":').textOrNull(allocatedOn)
    json.raw(',"status":').text(STATUS[status]).raw('}')
  }
  json.raw(',"source":').text(network.source.title).raw('}')
}

function privacyText(view: Sources, record: IpRecord): string {
  if (record.privacy !== lastPrivacy) {
    lastPrivacyText = JSON.stringify(privacyToWire(describeRecord(view, record)))
    lastPrivacy = record.privacy
  }
  return lastPrivacyText
}
