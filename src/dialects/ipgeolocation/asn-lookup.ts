import { getAsWhois } from '#core/network/as-whois.ts'
import { getAs, getAsOfIp, getNeighbours, getRoutes } from '#core/network/look-up.ts'
import type { AsBrief, AsRecord, ByIpVersion, Neighbours } from '#core/network/network.ts'
import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import type { Parameters } from './request-target.ts'
import {
  type FieldFilter,
  filterFields,
  parseSelection,
  type Shape,
  type Value,
  type ValueRecord,
} from './selection.ts'

/** What can be added to a record; in the order of the contract's example. */
const MODULES = ['peers', 'routes', 'upstreams', 'downstreams', 'whois_response'] as const
type Module = (typeof MODULES)[number]

const CONNECTION = { as_number: true, description: true, country: true } as const

/** Source: contract "ASNLookupResponse", "ASN", "ASNConnection". */
const SHAPE: Shape = {
  asn: {
    as_number: true,
    organization: true,
    country: true,
    type: true,
    domain: true,
    date_allocated: true,
    asn_name: true,
    allocation_status: true,
    num_of_ipv4_routes: true,
    num_of_ipv6_routes: true,
    rir: true,
    peers: CONNECTION,
    routes: true,
    upstreams: CONNECTION,
    downstreams: CONNECTION,
    whois_response: true,
  },
}

/** A lookup as its parameters describe it. */
export interface AsnQuery {
  readonly target: { readonly ip: string } | { readonly asn: string }
  readonly include: ReadonlySet<Module>
  readonly filter: FieldFilter
}

/**
 * Read the parameters of a lookup; names in another case, and any others, are let pass.
 *
 * @param callerIp whose network is looked up when neither `ip` nor `asn` is given
 * @throws DomainError `invalid-parameter`, `address-invalid` or `asn-invalid`
 */
export function readAsnQuery(parameters: Parameters, callerIp: () => string): AsnQuery {
  return {
    target: targetOf(parameters, callerIp),
    include: modulesOf(parameters.get('include') ?? ''),
    filter: {
      fields: parseSelection(parameters.get('fields') ?? '', SHAPE),
      excludes: parseSelection(parameters.get('excludes') ?? '', SHAPE),
    },
  }
}

function targetOf(parameters: Parameters, callerIp: () => string): AsnQuery['target'] {
  const ip = parameters.get('ip')?.trim() ?? ''
  const asn = parameters.get('asn')?.trim() ?? ''
  if (ip !== '' && asn !== '')
    throw new DomainError('invalid-parameter', { parameter: 'ip', problem: "cannot be used with 'asn'" })
  return asn === '' ? { ip: ip === '' ? callerIp() : ip } : { asn }
}

function modulesOf(list: string): ReadonlySet<Module> {
  if (list === '') return NO_MODULES
  const names = list.split(',').map((name) => name.trim())
  return new Set(MODULES.filter((module) => names.includes(module)))
}

const NO_MODULES: ReadonlySet<Module> = new Set()

/**
 * Look up a system as the contract shows it: what is not known is left out. At once, unless a registry has to be asked.
 *
 * @throws DomainError `address-invalid`, `address-special`, `address-unknown`, `asn-invalid`, `asn-unknown`,
 *   `network-data-loading`
 */
export function lookUpAsn(services: Services, query: AsnQuery): ValueRecord | Promise<ValueRecord> {
  if (!query.include.has('whois_response')) return lookUpLocally(services, query)
  const { ip, as, wire } = find(services, query)
  return getAsWhois(services, as).then((text) => shown(ip, { ...wire, whois_response: text }, query.filter))
}

/** The same without what a registry has to be asked for. */
export function lookUpLocally(services: Services, query: AsnQuery): ValueRecord {
  const { ip, wire } = find(services, query)
  return shown(ip, wire, query.filter)
}

function find(services: Services, { target, include }: AsnQuery) {
  const { ip, as } =
    'ip' in target ? getAsOfIp(services, target.ip) : { ip: undefined, as: getAs(services, target.asn) }
  return { ip, as, wire: withModules(services, as, include) }
}

/** The address is always shown, where there is one. */
function shown(ip: string | undefined, asn: ValueRecord, filter: FieldFilter): ValueRecord {
  const record = filterFields({ asn }, filter)
  return ip === undefined ? record : { ip, ...record }
}

/** What is always shown of a system, as far as it is known. */
export function asnToWire(as: AsRecord): ValueRecord {
  const registration = as.registration?.value
  const routes = as.routes?.value
  const wire: Record<string, Value> = { as_number: `AS${as.asn}` }
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') wire[name] = value
  }
  put('organization', as.organization)
  put('country', as.country)
  put('type', as.type?.value)
  put('domain', as.domain?.value)
  put('date_allocated', registration?.allocatedOn)
  put('asn_name', as.name)
  put('allocation_status', registration?.status)
  put('num_of_ipv4_routes', routes?.ipv4?.toString())
  put('num_of_ipv6_routes', routes?.ipv6?.toString())
  put('rir', registration?.rir)
  return wire
}

function withModules(services: Services, as: AsRecord, include: ReadonlySet<Module>): ValueRecord {
  if (include.size === 0) return asnToWire(as)
  const neighbours = unlessMissing(() => getNeighbours(services, as.asn))
  const lists = [...include].flatMap((module) => {
    const list = listed(services, as, module, neighbours)
    return list === undefined ? [] : [[module, list] as const]
  })
  return { ...asnToWire(as), ...Object.fromEntries(lists) }
}

/** @returns undefined when no loaded data could tell */
function listed(
  services: Services,
  { asn }: AsRecord,
  module: Module,
  neighbours: ByIpVersion<Neighbours> | undefined,
): Value | undefined {
  switch (module) {
    case 'peers':
      return connections(neighbours, 'peers')
    case 'upstreams':
      return connections(neighbours, 'providers')
    case 'downstreams':
      return connections(neighbours, 'customers')
    case 'routes':
      return unlessMissing(() => getRoutes(services, asn))?.routes
    case 'whois_response':
      // A registry is asked for it, and the last of all.
      return undefined
  }
}

/** Neighbours in either version of IP, each once, by AS number. */
function connections(
  neighbours: ByIpVersion<Neighbours> | undefined,
  relation: keyof Neighbours,
): Value | undefined {
  if (neighbours === undefined) return undefined
  const byNumber = new Map<number, AsBrief>()
  for (const graph of [neighbours.ipv4, neighbours.ipv6])
    for (const neighbour of graph?.[relation] ?? []) byNumber.set(neighbour.asn, neighbour)
  return [...byNumber.values()].toSorted((a, b) => a.asn - b.asn).map(connectionToWire)
}

function connectionToWire({ asn, organization, name, country }: AsBrief): Value {
  const description = organization === '' ? name : organization
  return {
    as_number: `AS${asn}`,
    ...(description !== '' && { description }),
    ...(country !== '' && { country }),
  }
}

function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (error instanceof DomainError && error.code === 'network-data-missing') return undefined
    throw error
  }
}
