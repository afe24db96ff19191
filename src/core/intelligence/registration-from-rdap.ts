import type { RdapAnswer } from '#ports/rdap/rdap-client.ts'
import {
  countryOf,
  dayOf,
  definedOnly,
  distinct,
  hostOf,
  mailOf,
  publicText,
  rangeOf,
  statusOf,
} from './registration-values.ts'
import type { Registration } from './registration.ts'

type Json = Readonly<Record<string, unknown>>

interface Entity {
  readonly roles: readonly string[]
  readonly vcard: readonly unknown[]
  readonly name: string | undefined
}

/** Entities have entities; an answer has some ten. */
const MAX_ENTITIES = 200
const MAX_DEPTH = 4

/**
 * What an RDAP answer says about a domain or a network (RFC 9083 §5.3, §5.4).
 *
 * @returns undefined when it is about something else
 */
export function registrationFromRdap({ object, server }: RdapAnswer): Registration | undefined {
  const kind = object['objectClassName']
  if (kind !== 'domain' && kind !== 'ip network') return undefined
  const entities = entitiesOf(object, 0)
  const days = daysOf(object)
  const common = {
    source: 'rdap',
    server,
    handle: publicText(object['handle']),
    created: days.get('registration'),
    updated: days.get('last changed'),
    status: distinct(listOf(object['status']).map(statusOf)),
    abuseContact: mailFor('abuse', entities),
  } as const
  return kind === 'domain'
    ? definedOnly({
        ...common,
        ...domainFacts(object, entities),
        expires: days.get('expiration'),
      })
    : definedOnly({ ...common, ...networkFacts(object, entities), nameServers: [] })
}

/** Where the registrar of a domain answers for it; undefined when the registry does not say. */
export function registrarUrl({ object }: RdapAnswer): string | undefined {
  for (const link of listOf(object['links']).map(objectOf)) {
    const { rel, type, href } = link as { rel?: unknown; type?: unknown; href?: unknown }
    if (rel === 'related' && type === 'application/rdap+json' && typeof href === 'string') return href
  }
  return undefined
}

function domainFacts(object: Json, entities: readonly Entity[]) {
  const registrar = entityFor('registrar', entities)
  const registrant = entityFor('registrant', entities)
  const signed = objectOf(object['secureDNS'])['delegationSigned']
  return {
    registrar: registrar?.name ?? publicText(vcardText(registrar, 'org')),
    nameServers: distinct(listOf(object['nameservers']).map((server) => hostOf(objectOf(server)['ldhName']))),
    organization: publicText(vcardText(registrant, 'org')) ?? registrant?.name,
    country: countryOfEntity(registrant),
    dnssec: typeof signed === 'boolean' ? signed : undefined,
  }
}

function networkFacts(object: Json, entities: readonly Entity[]) {
  const { startAddress, endAddress } = object as { startAddress?: unknown; endAddress?: unknown }
  const range =
    typeof startAddress === 'string' && typeof endAddress === 'string'
      ? rangeOf(startAddress, endAddress)
      : undefined
  const holder = entityFor('registrant', entities)
  return {
    organization: holder?.name ?? publicText(vcardText(holder, 'org')),
    country: countryOf(object['country']) ?? countryOfEntity(holder),
    network: range === undefined ? undefined : definedOnly({ range, name: publicText(object['name']) }),
  }
}

/** By action, the day of its latest event. */
function daysOf(object: Json): ReadonlyMap<string, string> {
  const days = new Map<string, string>()
  for (const event of listOf(object['events']).map(objectOf)) {
    const day = dayOf(event['eventDate'])
    const action = event['eventAction']
    if (typeof action !== 'string' || day === undefined) continue
    const known = days.get(action.toLowerCase())
    if (known === undefined || known < day) days.set(action.toLowerCase(), day)
  }
  return days
}

/** All entities of an object, its own before theirs. */
function entitiesOf(object: Json, depth: number): Entity[] {
  if (depth === MAX_DEPTH) return []
  const own = listOf(object['entities']).map(objectOf)
  return [
    ...own.map((entity) => {
      const vcard = listOf(listOf(entity['vcardArray'])[1])
      return {
        roles: listOf(entity['roles']).map((role) => (typeof role === 'string' ? role.toLowerCase() : '')),
        vcard,
        name: publicText(vcardText({ vcard }, 'fn')),
      }
    }),
    ...own.flatMap((entity) => entitiesOf(entity, depth + 1)),
  ].slice(0, MAX_ENTITIES)
}

/** The one that plays a role; of several an organization, because maintainers of records play it too. */
function entityFor(role: string, entities: readonly Entity[]): Entity | undefined {
  const playing = entities.filter(({ roles }) => roles.includes(role))
  return playing.find((entity) => vcardText(entity, 'kind') === 'org') ?? playing[0]
}

function mailFor(role: string, entities: readonly Entity[]): string | undefined {
  for (const entity of entities) {
    const mail = entity.roles.includes(role) ? mailOf(vcardText(entity, 'email')) : undefined
    if (mail !== undefined) return mail
  }
  return undefined
}

/** The first text of a property of a jCard (RFC 7095 §3.3); of an organization's name the whole, units left out. */
function vcardText(entity: Pick<Entity, 'vcard'> | undefined, property: string): unknown {
  const found = entity?.vcard.map(listOf).find(([name, , , value]) => name === property && value !== '')
  const value = found?.[3]
  return Array.isArray(value) ? (value as unknown[])[0] : value
}

/** Of the address: the code beside it (RFC 8605 §3.1), or the last of its parts. */
function countryOfEntity(entity: Entity | undefined): string | undefined {
  const address = entity?.vcard.map(listOf).find(([name]) => name === 'adr')
  if (address === undefined) return undefined
  const parameters = objectOf(address[1])
  const label =
    typeof parameters['label'] === 'string' ? parameters['label'].trim().split('\n').at(-1) : undefined
  return countryOf(parameters['cc']) ?? countryOf(listOf(address[3])[6]) ?? countryOf(label)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, MAX_ENTITIES) : []
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}
