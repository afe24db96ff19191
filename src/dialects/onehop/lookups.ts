import { z } from 'zod'
import type { LookupCredits } from '#core/billing/lookup-credits.ts'
import { takePublicUse } from '#core/billing/lookup-limits.ts'
import type { Ctx } from '#core/context.ts'
import { lookUpTarget } from '#core/intelligence/look-up-target.ts'
import { parseLookupSubject } from '#core/intelligence/lookup-subject.ts'
import { getAs, searchNetworks } from '#core/network/look-up.ts'
import type { AsBrief, AsGraph, Neighbours, NetworkMatch } from '#core/network/network.ts'
import { requireAbility } from '#core/permissions.ts'
import { reportToWire } from '#http/lookup-wire/ip-report.ts'
import { endpoint } from './endpoint.ts'
import { type AsLookup, Lookup, type NetworkLookup } from './wire/lookups.ts'

/** Results of a search. */
const MAX_RESULTS = 50
const MAX_PREFIXES = 1_000

/** Lookups of whatever somebody types. */
export function lookupEndpoints(credits: LookupCredits) {
  return [
    endpoint({
      method: 'GET',
      path: '/lookup',
      summary: 'Look up an address, a domain, a system, a network or a name',
      description:
        'An address, a domain and a system cost a lookup credit each; searches for networks and names cost nothing. 30 a minute from one address.',
      tag: 'Lookups',
      access: 'network:read',
      query: {
        q: z
          .string({ error: 'is required' })
          .min(1, 'is required')
          .max(1_024, 'is too long')
          .meta({ description: '`8.8.8.8`, `github.com`, `AS24940`, `193.0.0.0/21`, `hetzner`, or `me`.' }),
        mode: z.enum(['lite', 'full'], { error: 'must be lite or full' }).default('full').meta({
          description: 'Of an address or a domain: local data alone, or what others say as well, within 5 s.',
        }),
      },
      answer: Lookup,
      problems: ['rate-limited', 'limit-reached', 'asn-invalid', 'asn-unknown', 'network-data-loading'],
      handle: async ({ ctx, query: { q, mode }, client }) => {
        const { teamId } = requireAbility(ctx.actor, 'network:read')
        const subject = parseLookupSubject(q, client.ip)
        const isTarget = subject.kind === 'ip' || subject.kind === 'domain'
        await takePublicUse(ctx, isTarget ? 'target-lookup' : 'network-search', client.limitKey)
        // Refused here, it costs nothing.
        ctx.network.view()
        if (isTarget) {
          await credits.take(teamId, false)
          const report = reportToWire(await lookUpTarget(ctx, subject, { mode }))
          return { ...report, kind: subject.kind, query: q, mode }
        }
        if (subject.kind !== 'asn') return searched(ctx, subject.kind, q, subject.text)
        const answer = systemOf(ctx, q, subject.text)
        await credits.take(teamId, false)
        return answer
      },
    }),
  ]
}

function systemOf(ctx: Ctx, query: string, asn: string): AsLookup {
  const as = getAs(ctx, asn)
  const view = ctx.network.view()
  const graph = view.graphOf(as.asn)
  const neighbours = view.neighboursOf(as.asn)
  const routes = view.routesOf(as.asn, MAX_PREFIXES)
  const registration = as.registration?.value
  const sources = [graph.ipv4?.source.title, graph.ipv6?.source.title].filter((title) => title !== undefined)
  return {
    kind: 'asn',
    query,
    as: {
      ...briefToWire(as),
      type: as.type?.value ?? null,
      domain: as.domain?.value ?? null,
      rir: registration?.rir ?? null,
      allocated: registration?.allocatedOn ?? null,
      status: registration?.status ?? null,
      tags: as.tags.map(({ value }) => value),
    },
    graph: { ipv4: countsToWire(graph.ipv4), ipv6: countsToWire(graph.ipv6) },
    neighbours: { ipv4: neighboursToWire(neighbours.ipv4), ipv6: neighboursToWire(neighbours.ipv6) },
    prefixes:
      routes === undefined
        ? null
        : {
            ipv4: routes.routes.filter((route) => !route.includes(':')),
            ipv6: routes.routes.filter((route) => route.includes(':')),
            total: routes.total,
          },
    source: [...new Set(sources)].join(', '),
  }
}

function searched(ctx: Ctx, kind: NetworkLookup['kind'], query: string, text: string): NetworkLookup {
  const { matches, total } = searchNetworks(ctx, text, MAX_RESULTS)
  return { kind, query, total, results: matches.map(matchToWire) }
}

function matchToWire(match: NetworkMatch) {
  if (match.kind === 'as') return briefToWire(match.as)
  const { prefix, first, last, origins } = match.network
  return { prefix, first, last, origins: origins.map(briefToWire) }
}

function briefToWire({ asn, name, organization, country }: AsBrief) {
  return { asn, name, organization, country: country === '' ? null : country }
}

function countsToWire(graph: AsGraph | undefined) {
  if (graph === undefined) return null
  const { providers, peers, customers, cone } = graph
  return { upstreams: providers, peers, customers, cone: cone.size, is_cone_estimate: cone.isEstimate }
}

function neighboursToWire(neighbours: Neighbours | undefined) {
  if (neighbours === undefined) return null
  const { providers, peers, customers } = neighbours
  return {
    upstreams: providers.map(briefToWire),
    peers: peers.map(briefToWire),
    customers: customers.map(briefToWire),
  }
}
