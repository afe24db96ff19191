import { Resolver } from 'node:dns/promises'
import type { Config } from '#config/config.ts'
import { compileNetworkData, networkFile } from '#core/network/compile-network-data.ts'
import { openNetworkView } from '#core/network/flat-view.ts'
import { getAs, getGraph, lookUpIp, lookUpPrefix, type NetworkCtx } from '#core/network/look-up.ts'
import { parseAsn } from '#core/network/parse-target.ts'
import { reservedAsns } from '#core/network/reserved-asns.ts'
import { parseIp } from '#ports/geo/parse-ip.ts'
import { type FlatFile, FlatFileError, openFlatFile } from '#ports/network/flat-file.ts'
import { CommandError } from './command-error.ts'
import { renderAs, renderDomain, renderIp, renderPrefix } from './render-lookup.ts'

/** What a command line asks for. */
export interface LookupRequest {
  readonly target: string
  readonly isJson: boolean
}

const DNS_TIMEOUT_MS = 2_000
const DNS_TRIES = 2
/** The most addresses of a domain that are looked up. */
const MAX_ADDRESSES = 8
/** The most neighbours and routes that are printed of each kind. */
const SHOWN = 10

const HOST_NAME = /^(?=.{1,253}\.?$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\.?$/i

/**
 * `onehop lookup`: what is known about an address, a prefix, an AS or a domain's addresses, from local data alone.
 *
 * @param say is told what takes time
 * @throws DomainError for what is not in the data; CommandError for a target that is none of these
 */
export async function lookUpTarget(
  config: Config,
  { target, isJson }: LookupRequest,
  say: (message: string) => void,
): Promise<string> {
  using file = await openData(config, say)
  const view = openNetworkView(file)
  const ctx: NetworkCtx = { network: { view: () => view } }
  const [value, text] = await answer(ctx, target)
  return isJson ? JSON.stringify(value, null, 2) : text()
}

type Answer = readonly [value: unknown, text: () => string]

async function answer(ctx: NetworkCtx, target: string): Promise<Answer> {
  if (target.includes('/')) {
    const record = lookUpPrefix(ctx, target)
    return [record, () => renderPrefix(record)]
  }
  if (parseIp(target, new Uint32Array(4)) !== undefined) {
    const record = lookUpIp(ctx, target)
    return [record, () => renderIp(record)]
  }
  if (/^(as)?\d+$/i.test(target)) return asAnswer(ctx, target)
  if (HOST_NAME.test(target)) return domainAnswer(ctx, target)
  throw new CommandError(
    `"${target}" is no IP address, prefix (192.0.2.0/24), AS number (AS64500) or domain`,
    2,
  )
}

function asAnswer(ctx: NetworkCtx, target: string): Answer {
  const asn = parseAsn(target)
  const reserved = reservedAsns(asn)
  if (reserved !== undefined)
    throw new CommandError(`AS${asn} is reserved: ${reserved.purpose} (${reserved.reference})`, 1)
  const view = ctx.network.view()
  const as = getAs(ctx, target)
  const graph = hasRelationships(ctx, asn) ? getGraph(ctx, asn) : undefined
  const neighbours = graph === undefined ? undefined : view.neighboursOf(asn)
  const routes = view.routesOf(asn, SHOWN)
  const value = { ...as, graph, neighbours, prefixes: routes?.routes }
  return [value, () => renderAs({ as, graph, neighbours, routes, shown: SHOWN })]
}

function hasRelationships(ctx: NetworkCtx, asn: number): boolean {
  const { ipv4, ipv6 } = ctx.network.view().graphOf(asn)
  return ipv4 !== undefined || ipv6 !== undefined
}

async function domainAnswer(ctx: NetworkCtx, domain: string): Promise<Answer> {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES })
  const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(domain), resolver.resolve6(domain)])
  const found = [ipv4, ipv6].flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  if (found.length === 0) {
    const reason = ipv4.status === 'rejected' ? (ipv4.reason as Error).message : 'no addresses'
    throw new CommandError(`${domain} has no address: ${reason}`, 1)
  }
  const records = found.slice(0, MAX_ADDRESSES).map((ip) => lookUpIp(ctx, ip))
  return [{ domain, addresses: records }, () => renderDomain(domain, records)]
}

/** The compiled data; where there are none yet, or none that can be used, they are compiled first. */
async function openData(config: Config, say: (message: string) => void): Promise<FlatFile> {
  const path = networkFile(config.dataDir)
  try {
    return await openFlatFile(path)
  } catch (error) {
    if (error instanceof FlatFileError) say(`${error.message}; compiling it anew`)
    else if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      say('compiling network data for the first time')
    else throw error
  }
  await compileNetworkData(config.dataDir, {
    now: new Date(),
    usesStarterData: config.starterData,
    onProgress: say,
  })
  return openFlatFile(path)
}
