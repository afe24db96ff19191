import type { WhoisAnswer } from '#ports/whois/whois-client.ts'
import {
  countryOf,
  dayOf,
  definedOnly,
  distinct,
  hostOf,
  mailOf,
  publicText,
  statusOf,
} from './registration-values.ts'
import { firstOf, readWhoisBlocks, valuesOf, type WhoisBlock } from './registration-whois-fields.ts'
import { type Registration, RegistrationError } from './registration.ts'

/*
 * What fields are called by the registries (ICANN's form, Nominet, DENIC, AFNIC, EURid, SIDN, JPRS, Registro.br, TCI
 * and others), the most telling first.
 */
const REGISTRAR = [
  'registrar',
  'registrar.organization',
  'registrar.organisation',
  'registrar.name',
  'sponsoring registrar',
  'registrar name',
  'registrar organization',
  'current registar',
  'support-registrar',
]
const CREATED = [
  'creation date',
  'created',
  'created on',
  'created date',
  'registered on',
  'relevant dates.registered on',
  'registered date',
  'registered',
  'registration date',
  'registration time',
  'domain registered',
  'domain record activated',
  'record created',
  'domain_dateregistered',
]
const UPDATED = [
  'updated date',
  'last updated',
  'relevant dates.last updated',
  'last-update',
  'last update',
  'last updated on',
  'last updated date',
  'last modified',
  'modified',
  'changed',
  'updated',
  'modification date',
  'domain record last updated',
]
const EXPIRES = [
  'registry expiry date',
  'registrar registration expiration date',
  'expiry date',
  'expiration date',
  'relevant dates.expiry date',
  'expires on',
  'expires',
  'expire',
  'expire date',
  'expiration time',
  'paid-till',
  'validity',
  'domain expires',
  'renewal date',
]
const STATUS = ['domain status', 'status', 'eppstatus', 'registration status', 'state', 'flags']
const NAME_SERVERS = [
  'name server',
  'name servers',
  'nserver',
  'nameservers',
  'nameserver',
  'domain nameservers',
  'domain servers in listed order',
  'primary name server.host name',
  'nservers',
  'host name',
]
const ORGANIZATION = [
  'registrant organization',
  'registrant organisation',
  'registrant.organization',
  'registrant.organisation',
  'org',
  'owner',
  'organization',
  'registrant',
  'registrant.name',
  'registrant name',
  'domain holder.name',
  'holder',
]
const COUNTRY = [
  'registrant country',
  'registrant.country',
  'registrant country/economy',
  'registrant country code',
]
const ABUSE = [
  'registrar abuse contact email',
  'abuse contact',
  'abuse-mailbox',
  'registrar abuse contact e-mail',
]
const HANDLE = ['registry domain id', 'domain id', 'roid']
const DNSSEC = [
  'dnssec',
  'signing key',
  'ds-rdata',
  'dsrecord',
  'dnssec signed',
  'ds record',
  'keys',
  'dnskey',
]

/** How registries say that there is nothing, at the beginning of a line; some say it in a comment. */
const NOTHING = new RegExp(
  `^[ \\t%#>"*]{0,20}(?:${[
    'no match',
    'not? found',
    'no entries found',
    'no data found',
    'no data was found',
    'nothing found',
    'no object found',
    'no matching',
    'no such domain',
    'no information available',
    'object does not exist',
    'domain not found',
    'domain unknown',
    'this domain name has not been registered',
    'the queried object does not exist',
    'the domain has not been registered',
    'status\\s*:\\s*(?:free|available)\\b',
    'domain status\\s*:\\s*(?:free|available|no object found)',
    '\\S{3,253} is (?:free|available)\\b',
    'domain "?\\S{3,253}"? (?:is available|not found)',
    '\\S{3,253}"? not found',
  ].join('|')})`,
  'im',
)
/** How servers say that they have been asked too often, or will not say. */
const REFUSED =
  /(?:limit|quota)\s+(?:has been\s+)?(?:exceeded|reached)|exceeded\b.{0,40}\b(?:limit|quota|number)|too many|access control|excessive|query rate|blacklist|temporarily (?:blocked|denied)|please (?:wait|try again)/i

/**
 * What a registry's or registrar's text says about a domain.
 *
 * @returns undefined when it says that there is no such domain
 * @throws RegistrationError `too-many` when it says that it will not say, or `malformed`
 */
export function domainFromWhois({ text, server }: WhoisAnswer): Registration | undefined {
  const blocks = readWhoisBlocks(text)
  const registration = factsOf(blocks, server)
  const { registrar, created, expires, nameServers } = registration
  const isFree = registration.status.some((status) => status === 'free' || status === 'available')
  const knowsSomething = [registrar, created, expires, nameServers[0]].some((value) => value !== undefined)
  if (knowsSomething && !isFree) return registration
  if (isFree || NOTHING.test(text)) return undefined
  if (REFUSED.test(text)) throw new RegistrationError('too-many', `${server} does not say any more for now`)
  // DENIC, for one, tells strangers a status and the day of the last change.
  if (registration.status.length > 0) return registration
  throw new RegistrationError('malformed', `what ${server} says cannot be made sense of`)
}

function factsOf(blocks: readonly WhoisBlock[], server: string): Registration {
  const holder = holderBlock(blocks)
  // Further blocks are about people and companies that have countries and names too.
  const own = blocks.slice(0, 1)
  return definedOnly({
    source: 'whois',
    server,
    handle: firstOf(blocks, HANDLE, publicText),
    registrar: firstOf(blocks, REGISTRAR, registrarOf),
    created: firstOf(blocks, CREATED, dayOf),
    updated: firstOf(blocks, UPDATED, dayOf),
    expires: firstOf(blocks, EXPIRES, dayOf) ?? firstOf(blocks, ['state'], dayInBrackets),
    status: distinct(
      valuesOf(blocks, STATUS)
        .flatMap((value) => value.split(', '))
        .map(statusOf),
    ),
    nameServers: distinct(valuesOf(blocks, NAME_SERVERS).map(hostOf)),
    organization:
      holder === undefined
        ? firstOf(blocks, ORGANIZATION, organizationOf)
        : firstOf([holder], ['contact'], publicText),
    country:
      firstOf(blocks, COUNTRY, countryOf) ??
      firstOf(holder === undefined ? own : [holder], ['country', 'country code'], countryOf),
    abuseContact: firstOf(blocks, ABUSE, mailOf),
    dnssec: firstOf(blocks, DNSSEC, isSigned),
  })
}

/** Nominet writes `Example Ltd [Tag = EXAMPLE]`. */
function registrarOf(value: string): string | undefined {
  return publicText(value.replace(/\s*\[Tag = .*$/i, ''))
}

/** A person's number or a heading's odd line is no organization. */
function organizationOf(value: string): string | undefined {
  const text = publicText(value)
  return text === undefined || /^visit /i.test(text) ? undefined : text
}

/** JPRS writes `Connected (2027/03/31)` of domains that are renewed on that day. */
function dayInBrackets(value: string): string | undefined {
  return dayOf(/\((\d{4}\/\d\d\/\d\d)\)/.exec(value)?.[1])
}

/** The block of the contact whom AFNIC's `holder-c` names. */
function holderBlock(blocks: readonly WhoisBlock[]): WhoisBlock | undefined {
  const [handle] = valuesOf(blocks, ['holder-c'])
  return handle === undefined ? undefined : blocks.find((block) => block.get('nic-hdl')?.includes(handle))
}

/** Of a word for it, or of a key's data. */
function isSigned(value: string): boolean | undefined {
  const word = value.trim().toLowerCase()
  if (/^(?:unsigned|no|inactive|none|not signed|unsigned delegation|n)\b/.test(word)) return false
  return word === '' ? undefined : true
}
