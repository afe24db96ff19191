import type { Config } from '#config/config.ts'
import { DomainError } from '#core/errors.ts'
import { type LookupCtx, lookUpTarget as lookUp } from '#core/intelligence/look-up-target.ts'
import { LookupMemory } from '#core/intelligence/lookup-memory.ts'
import type { DomainReport, LookupReport } from '#core/intelligence/lookup-report.ts'
import { parseLookupTarget } from '#core/intelligence/lookup-target.ts'
import { compileNetworkData, networkFile } from '#core/network/compile-network-data.ts'
import { openNetworkView } from '#core/network/flat-view.ts'
import { getAs, getGraph, lookUpIp, lookUpPrefix, type NetworkCtx } from '#core/network/look-up.ts'
import type { NetworkData } from '#core/network/network.ts'
import { parseAsn } from '#core/network/parse-target.ts'
import { reservedAsns } from '#core/network/reserved-asns.ts'
import { type FlatFile, FlatFileError, openFlatFile } from '#ports/network/flat-file.ts'
import { CommandError } from './command-error.ts'
import { loadBlocklists, openDns, openOutgoing, openRegistries } from './open-services.ts'
import { findingSections } from './render-findings.ts'
import { renderAs, renderDomain, renderIp, renderPrefix } from './render-lookup.ts'

/** What a command line asks for. */
export interface LookupRequest {
  readonly target: string
  readonly isJson: boolean
  /** Ask everybody there is about an address or a domain. */
  readonly isFull: boolean
}

/** The most addresses of a domain that are looked up. */
const MAX_ADDRESSES = 8
/** The most neighbours and routes that are printed of each kind. */
const SHOWN = 10

/**
 * `onehop lookup`: what is known about an address, a prefix, an AS or a domain, from local data and, of a domain, its
 * addresses; with `isFull` from everybody there is to ask.
 *
 * @param say is told what takes time
 * @throws DomainError for what is not in the data; CommandError for a target that is none of these
 */
export async function lookUpTarget(
  config: Config,
  request: LookupRequest,
  say: (message: string) => void,
): Promise<string> {
  using file = await openData(config, say)
  const view = openNetworkView(file)
  const [value, text] = await answer(openLookups(config, { view: () => view }), request)
  return request.isJson ? JSON.stringify(value, null, 2) : text()
}

/** Everything that a lookup asks; nothing is asked until it is needed. */
function openLookups(config: Config, network: NetworkData): LookupCtx {
  const outgoing = openOutgoing(config)
  return {
    network,
    outgoing,
    ...openRegistries(config, outgoing),
    dns: openDns(config),
    blocklists: loadBlocklists(config),
    lookups: new LookupMemory(),
    now: () => new Date(),
  }
}

type Answer = readonly [value: unknown, text: () => string]

async function answer(ctx: LookupCtx, { target, isFull }: LookupRequest): Promise<Answer> {
  if (target.includes('/')) {
    const record = lookUpPrefix(ctx, target)
    return [record, () => renderPrefix(record)]
  }
  if (/^(as)?\d+$/i.test(target)) return asAnswer(ctx, target)
  const report = await lookUp(ctx, parseTarget(target), { mode: isFull ? 'full' : 'lite' })
  return report.kind === 'ip' ? ipAnswer(report) : domainAnswer(ctx, report)
}

function parseTarget(text: string) {
  try {
    return parseLookupTarget(text)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    throw new CommandError(
      `"${text}" is no IP address, prefix (192.0.2.0/24), AS number (AS64500) or domain`,
      2,
    )
  }
}

function ipAnswer(report: Extract<LookupReport, { kind: 'ip' }>): Answer {
  const { address, findings, failures } = report
  const value = findings === undefined ? address.record : { ...address.record, ...findings, failures }
  return [value, () => renderIp(address.record, findingSections(report))]
}

function domainAnswer(ctx: LookupCtx, report: DomainReport): Answer {
  const { target, ipv4, ipv6, findings, failures } = report
  const found = [...ipv4, ...ipv6]
  if (found.length === 0 && findings === undefined)
    throw new CommandError(
      `${target.unicode} has no address: ${failures[0]?.reason ?? 'the DNS knows none'}`,
      1,
    )
  const records = found.slice(0, MAX_ADDRESSES).map((ip) => lookUpIp(ctx, ip))
  const value = { domain: target.domain, addresses: records, ...findings, failures }
  return [value, () => renderDomain(target.unicode, records, findingSections(report))]
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
