import { DomainError } from '#core/errors.ts'
import { embeddedIpv4, specialBlockOf } from '#ports/geo/special-addresses.ts'
import { formatIp } from './address-words.ts'
import { parseAsn, parsePrefix, requireIp } from './parse-target.ts'
import type {
  AsBrief,
  AsGraph,
  AsRecord,
  ByIpVersion,
  CompanyMatch,
  IpRecord,
  Neighbours,
  NetworkData,
  NetworkMatch,
  NetworkSearch,
  PrefixRecord,
  RoutesPage,
  SearchPage,
} from './network.ts'

/** What the verbs of this room need: a whole `Ctx` has it. */
export interface NetworkCtx {
  readonly network: NetworkData
}

/** The most characters of a search that are looked for. */
const MAX_QUERY = 100
/** The most prefixes of one system that are handed out at once; the largest announces some ten thousand. */
const MAX_ROUTES = 50_000

/** Whether there is any data to look things up in. */
export function isNetworkReady(ctx: NetworkCtx): boolean {
  try {
    ctx.network.view()
    return true
  } catch (error) {
    if (error instanceof DomainError && error.code === 'network-data-loading') return false
    throw error
  }
}

/**
 * Everything that is known about an address, bogons included (`special` says what they are).
 *
 * @throws DomainError `address-invalid`, `network-data-loading`
 */
export function lookUpIp(ctx: NetworkCtx, ip: string): IpRecord {
  const { version, words } = requireIp(ip)
  return ctx.network.view().lookUpIp(version, words)
}

/**
 * The number of the system that announces an address.
 *
 * @throws DomainError `address-invalid`, `address-special` (a bogon), `address-unknown` (nobody is known to announce
 *   it), `network-data-loading`
 */
export function getAsnOfIp(ctx: NetworkCtx, ip: string): { readonly ip: string; readonly asn: number } {
  const { version, words } = requireIp(ip)
  return { ip: formatIp(version, words), asn: getAsnOfAddress(ctx, version, words) }
}

/**
 * {@link getAsnOfIp} of an address that was read already.
 *
 * @param words as `parseIp` reads them
 * @throws DomainError as {@link getAsnOfIp} does, but for `address-invalid`
 */
export function getAsnOfAddress(ctx: NetworkCtx, version: 4 | 6, words: Uint32Array): number {
  const special = specialBlockOf(version, words)
  if (special !== undefined)
    throw new DomainError('address-special', { ip: formatIp(version, words), purpose: special.purpose })
  const view = ctx.network.view()
  // Of an IPv6 address that carries an IPv4 one, the host behind it counts.
  const carried = version === 4 ? undefined : embeddedIpv4(version, words).at(-1)
  const asn =
    carried === undefined
      ? view.asnOf(version, words)
      : view.asnOf(4, Uint32Array.of(0, 0, 0, carried.address))
  if (asn === 0) throw new DomainError('address-unknown', { ip: formatIp(version, words) })
  return asn
}

/**
 * The system that announces an address, for those who want only that.
 *
 * @throws DomainError as {@link getAsnOfIp} does
 */
export function getAsOfIp(ctx: NetworkCtx, text: string): { readonly ip: string; readonly as: AsRecord } {
  const { ip, asn } = getAsnOfIp(ctx, text)
  const as = ctx.network.view().findAs(asn)
  if (as === undefined) throw new DomainError('address-unknown', { ip })
  return { ip, as }
}

/**
 * Everything that is known about a system.
 *
 * @param asn `24940` or `AS24940`
 * @throws DomainError `asn-invalid` (no number from 1 to 4294967295), `asn-unknown`, `network-data-loading`
 */
export function getAs(ctx: NetworkCtx, asn: string): AsRecord {
  const number = parseAsn(asn)
  const as = ctx.network.view().findAs(number)
  if (as === undefined) throw new DomainError('asn-unknown', { asn: number })
  return as
}

/**
 * A system's providers, customers and peers in each loaded graph, by AS number.
 *
 * @throws DomainError `network-data-missing` when no relationships are loaded, `network-data-loading`
 */
export function getNeighbours(ctx: NetworkCtx, asn: number): ByIpVersion<Neighbours> {
  const neighbours = ctx.network.view().neighboursOf(asn)
  if (neighbours.ipv4 === undefined && neighbours.ipv6 === undefined) throw relationshipsMissing()
  return neighbours
}

/**
 * How many providers, customers and peers a system has in each loaded graph, and its customer cone.
 *
 * @throws DomainError `network-data-missing` when no relationships are loaded, `network-data-loading`
 */
export function getGraph(ctx: NetworkCtx, asn: number): ByIpVersion<AsGraph> {
  const graph = ctx.network.view().graphOf(asn)
  if (graph.ipv4 === undefined && graph.ipv6 === undefined) throw relationshipsMissing()
  return graph
}

/**
 * The prefixes a system announces.
 *
 * @throws DomainError `network-data-missing` when no source of them is loaded, `network-data-loading`
 */
export function getRoutes(ctx: NetworkCtx, asn: number, limit = MAX_ROUTES): RoutesPage {
  const page = ctx.network.view().routesOf(asn, Math.min(limit, MAX_ROUTES))
  if (page === undefined)
    throw new DomainError('network-data-missing', {
      data: 'routes',
      sources: ['caida-pfx2as', 'caida-pfx2as-v6'],
    })
  return page
}

/**
 * Who announces a prefix, or the next larger one around it.
 *
 * @throws DomainError `prefix-invalid`, `network-data-loading`
 */
export function lookUpPrefix(ctx: NetworkCtx, prefix: string): PrefixRecord {
  const { version, words, bits } = parsePrefix(prefix)
  return ctx.network.view().lookUpPrefix(version, words, bits)
}

/**
 * Systems by the name of their holder, grouped by organisation: exact names first, then names that begin with the query,
 * then such as have a word that does, then any that contain it; among equals those with more customers.
 *
 * @throws DomainError `invalid-parameter` when the query is empty, `network-data-loading`
 */
export function searchCompanies(ctx: NetworkCtx, query: string, limit: number): SearchPage<CompanyMatch> {
  return ctx.network.view().searchCompanies(requireQuery(query), limit)
}

/**
 * Systems and networks by whatever somebody types: an AS number, an address, a prefix, or a part of a name.
 *
 * @throws DomainError `invalid-parameter` when the query is empty, `network-data-loading`
 */
export function searchNetworks(ctx: NetworkCtx, query: string, limit: number): NetworkSearch {
  const text = requireQuery(query)
  const view = ctx.network.view()
  if (/^(as)?\s*\d{1,10}$/i.test(text)) {
    const as = knownAs(view.findAs(Number(/\d+/.exec(text)?.[0])))
    if (as !== undefined || /^\d/.test(text))
      return found('asn', as === undefined ? [] : [{ kind: 'as', as }])
  }
  const target = networkOf(text)
  if (target === undefined) {
    const { matches, total } = view.searchSystems(text, limit)
    return { kind: 'name', matches: matches.map((as) => ({ kind: 'as', as })), total }
  }
  const { network } = view.lookUpPrefix(target.version, target.words, target.bits)
  return found(target.kind, network === undefined ? [] : [{ kind: 'prefix', network }])
}

function networkOf(text: string) {
  try {
    if (text.includes('/')) return { kind: 'prefix' as const, ...parsePrefix(text) }
    const { version, words } = requireIp(text)
    return { kind: 'ip' as const, version, words, bits: version === 4 ? 32 : 128 }
  } catch (error) {
    if (error instanceof DomainError) return undefined
    throw error
  }
}

function found(kind: NetworkSearch['kind'], matches: readonly NetworkMatch[]): NetworkSearch {
  return { kind, matches, total: matches.length }
}

function knownAs(record: AsRecord | undefined): AsBrief | undefined {
  if (record === undefined) return undefined
  const { asn, name, organization, country } = record
  return { asn, name, organization, country }
}

function requireQuery(query: string): string {
  const text = query.trim().slice(0, MAX_QUERY)
  if (text === '') throw new DomainError('invalid-parameter', { parameter: 'q', problem: 'is empty' })
  return text
}

function relationshipsMissing(): DomainError {
  return new DomainError('network-data-missing', {
    data: 'relationships',
    sources: ['caida-as-rel', 'caida-as-rel-v6'],
  })
}
