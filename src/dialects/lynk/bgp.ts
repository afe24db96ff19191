import { Hono } from 'hono'
import type { LookupCredits } from '#core/billing/lookup-credits.ts'
import { takePublicUse } from '#core/billing/lookup-limits.ts'
import { getAs, getGraph, getNeighbours, searchCompanies, searchNetworks } from '#core/network/look-up.ts'
import type {
  AddressNetwork,
  AsBrief,
  AsGraph,
  ByIpVersion,
  CompanyMatch,
  Neighbours,
  NetworkMatch,
} from '#core/network/network.ts'
import { DomainError } from '#core/errors.ts'
import { type Actor, requireAbility } from '#core/permissions.ts'
import type { Env } from '#http/dialect.ts'
import { queryInt, queryText } from '#http/read-query.ts'

/** Results one search shows, unless it asks for more or less. */
const DEFAULT_RESULTS = 25
const MAX_RESULTS = 100

/** What the contract names BGP lookups: systems and their neighbours, and searches for them. */
export function bgp(credits: LookupCredits): Hono<Env> {
  return new Hono<Env>()
    .get('/asn/:asn', async (c) => {
      const { ctx } = c.var
      const member = isAnonymous(ctx.actor) ? undefined : requireAbility(ctx.actor, 'network:read')
      if (member === undefined) await takePublicUse(ctx, 'public-lookup', c.env.client.limitKey)
      const as = getAs(ctx, c.req.param('asn'))
      const graph = getGraph(ctx, as.asn)
      const neighbours = getNeighbours(ctx, as.asn)
      if (member !== undefined) await credits.take(member.teamId, false)
      return c.json({
        ...systemToWire(as),
        country: as.country,
        upstreams: listed(neighbours, 'providers'),
        peers: listed(neighbours, 'peers'),
        customers: listed(neighbours, 'customers'),
        upstream_count: counted(graph, 'providers'),
        peer_count: counted(graph, 'peers'),
        customer_count: counted(graph, 'customers'),
        queried_at: `${ctx.now().toISOString().slice(0, 19)}Z`,
        ...provenance(graph),
      })
    })
    .get('/company/search', async (c) => {
      const { ctx } = c.var
      requireSoundKey(ctx.actor)
      await takePublicUse(ctx, 'company-search', c.env.client.limitKey)
      const query = requiredQuery(queryText(c.req, 'q'))
      const { matches, total } = searchCompanies(ctx, query, resultsWanted(c.req))
      return c.json({ query, ...page(matches.map(companyToWire), total) })
    })
    .get('/search', async (c) => {
      const { ctx } = c.var
      requireSoundKey(ctx.actor)
      await takePublicUse(ctx, 'network-search', c.env.client.limitKey)
      const query = requiredQuery(queryText(c.req, 'q'))
      const { kind, matches, total } = searchNetworks(ctx, query, resultsWanted(c.req))
      return c.json({ query, type: kind, ...page(matches.map(matchToWire), total) })
    })
}

/** Whether nobody shows a key: then what everybody may use a little is used. A key that is no good is refused. */
function isAnonymous(actor: Actor): boolean {
  return actor.kind === 'anonymous' && actor.credential === 'missing'
}

/** @throws DomainError `unauthenticated`, `account-blocked` or `forbidden`; not for who shows no key */
function requireSoundKey(actor: Actor): void {
  if (!isAnonymous(actor)) requireAbility(actor, 'network:read')
}

function requiredQuery(text: string | undefined): string {
  if (text === undefined)
    throw new DomainError('invalid-parameter', { parameter: 'q', problem: 'is required' })
  return text
}

function resultsWanted(request: Parameters<typeof queryInt>[0]): number {
  return queryInt(request, 'limit', { min: 1, max: MAX_RESULTS, default: DEFAULT_RESULTS })
}

/** `total` is there when there are more than are shown. */
function page<T>(results: readonly T[], total: number) {
  return { count: results.length, ...(total > results.length && { total }), results }
}

/** The contract's `description` is what we call the organisation. */
function systemToWire({ asn, name, organization }: AsBrief) {
  return { asn, name, description: organization }
}

/** Null for a version of IP whose relationships are not loaded: an empty list says that there are none. */
function listed(neighbours: ByIpVersion<Neighbours>, relation: keyof Neighbours) {
  return {
    ipv4: neighbours.ipv4?.[relation].map(systemToWire) ?? null,
    ipv6: neighbours.ipv6?.[relation].map(systemToWire) ?? null,
  }
}

function counted(graph: ByIpVersion<AsGraph>, relation: keyof Neighbours) {
  return { ipv4: graph.ipv4?.[relation] ?? null, ipv6: graph.ipv6?.[relation] ?? null }
}

/** What the contract calls CAIDA's relationships, of whichever version of IP. */
const CAIDA = 'CAIDA AS Relationships'

/**
 * What the lists were made from. `local-caida` is the contract's name for CAIDA's files on the server's own disk; others
 * are named in the same manner.
 */
function provenance(graph: ByIpVersion<AsGraph>) {
  const sources = [graph.ipv4?.source, graph.ipv6?.source].filter((source) => source !== undefined)
  const providers = sources.map(({ name }) => `local-${name.split(/[-:]/)[0] ?? name}`)
  return {
    source: [
      ...new Set(sources.map(({ name, title }) => (name.startsWith('caida-as-rel') ? CAIDA : title))),
    ].join(', '),
    provider: [...new Set(providers)].join(', '),
  }
}

function companyToWire({ organization, country, systems }: CompanyMatch) {
  return { org: organization, country, asns: systems.map(systemToWire) }
}

function matchToWire(match: NetworkMatch) {
  return match.kind === 'as'
    ? { ...systemToWire(match.as), country: match.as.country }
    : networkToWire(match.network)
}

function networkToWire({ prefix, first, last, origins }: AddressNetwork) {
  return {
    prefix,
    first,
    last,
    origins: origins.map((origin) => ({ ...systemToWire(origin), country: origin.country })),
  }
}
