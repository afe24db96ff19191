import type { WhoisAnswer } from '#ports/whois/whois-client.ts'
import {
  cidrOf,
  countryOf,
  dayOf,
  definedOnly,
  distinct,
  mailOf,
  publicText,
  rangeOf,
  statusOf,
} from './registration-values.ts'
import { firstOf, readWhoisBlocks, valuesOf, type WhoisBlock } from './registration-whois-fields.ts'
import { type Registration, RegistrationError } from './registration.ts'

/** The network itself: RPSL's and LACNIC's classes, ARIN's and JPNIC's fields. */
const RANGE = ['inetnum', 'inet6num', 'netrange', 'network number', 'ipv4 address', 'ipv6 address']
/** Names of the blocks that registries put where they have handed nothing out, or where another has. */
const PLACEHOLDER =
  /^(?:iana-blk|iana-netblock|non-ripe-ncc-managed|erx-netblock|apnic-(?:ap|lab)-?erx|not-managed)/i
const NOTHING =
  /^[ \t%#]{0,20}(?:no match|no entries found|error:101|no network|no information|nothing found|unallocated)/im
const REFUSED = /error:2\d\d|limit exceeded|query rate|too many|access denied|excessive/i

/**
 * What a registry's text says about the network of an address, of several the last, which is the
 * smallest.
 *
 * @returns undefined when it says that there is none
 * @throws RegistrationError `too-many` when it says that it will not say, or `malformed`
 */
export function networkFromWhois({ text, server }: WhoisAnswer): Registration | undefined {
  const blocks = readWhoisBlocks(text)
  const at = blocks.findLastIndex((block) => rangeIn(block) !== undefined)
  const block = blocks[at]
  const range = block === undefined ? undefined : rangeIn(block)
  if (block === undefined || range === undefined) {
    if (NOTHING.test(text)) return undefined
    if (REFUSED.test(text)) throw new RegistrationError('too-many', `${server} does not say any more for now`)
    throw new RegistrationError('malformed', `what ${server} says cannot be made sense of`)
  }
  const name = firstOf([block], ['netname', 'network name', 'service name'], publicText)
  if (name !== undefined && PLACEHOLDER.test(name)) return undefined
  const holder = holderOf(blocks, at)
  return definedOnly({
    source: 'whois',
    server,
    handle: firstOf([block], ['nethandle'], publicText),
    created: firstOf([block], ['created', 'regdate', 'assigned date', 'registration date'], dayOf),
    updated: firstOf([block], ['last-modified', 'updated', 'changed', 'last update'], dayOf),
    status: distinct(valuesOf([block], ['status', 'nettype']).map(statusOf)),
    nameServers: [],
    organization:
      firstOf([holder], ['org-name', 'orgname', 'custname'], publicText) ??
      firstOf([block], ['owner', 'organization', 'organization name', 'descr'], withoutHandle),
    country: firstOf([block, holder], ['country', 'country code'], countryOf),
    network: definedOnly({ range, name }),
    abuseContact: abuseContactOf(text, blocks, holder),
  })
}

function rangeIn(block: WhoisBlock): string | undefined {
  return firstOf([block], RANGE, (value) => {
    const [first = '', last] = value.replace(/\s*\(.*$/, '').split(/\s+-\s+/)
    return last === undefined ? cidrOf(first) : rangeOf(first, last)
  })
}

/** The organization: the one that RPSL's `org` names, or the first that follows, as ARIN has it. */
function holderOf(blocks: readonly WhoisBlock[], at: number): WhoisBlock {
  const handle = blocks[at]?.get('org')?.[0]
  const isHolder = (block: WhoisBlock) =>
    handle === undefined
      ? block.has('orgname') || block.has('custname')
      : block.get('organisation')?.[0] === handle
  return blocks.slice(at + 1).find(isHolder) ?? new Map<string, string[]>()
}

/** ARIN writes `Example Inc. (EXAMP-1)`. */
function withoutHandle(value: string): string | undefined {
  return publicText(value.replace(/\s+\([A-Z0-9-]+\)$/, ''))
}

/** RIPE's and APNIC's comment says it; else ARIN's field, RPSL's attribute, or the contact that LACNIC's handle names. */
function abuseContactOf(text: string, blocks: readonly WhoisBlock[], holder: WhoisBlock): string | undefined {
  const commented = mailOf(/^% Abuse contact for '.*' is '(.{1,200})'/m.exec(text)?.[1])
  if (commented !== undefined) return commented
  const [handle] = valuesOf(blocks, ['abuse-c'])
  const contact = handle === undefined ? [] : blocks.filter((block) => block.get('nic-hdl')?.includes(handle))
  return (
    firstOf([holder, ...blocks], ['orgabuseemail', 'rabuseemail', 'abuse-mailbox'], mailOf) ??
    firstOf(contact, ['abuse-mailbox', 'e-mail'], mailOf)
  )
}
