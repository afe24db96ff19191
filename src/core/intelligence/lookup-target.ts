import { domainToASCII, domainToUnicode } from 'node:url'
import { parse } from 'tldts'
import { DomainError } from '#core/errors.ts'
import { formatIp } from '#core/network/address-words.ts'
import { parseIp } from '#ports/geo/parse-ip.ts'

/** An address to be looked up. */
export interface IpTarget {
  readonly kind: 'ip'
  /** In its canonical form (RFC 5952); a mapped address as the IPv4 address it is. */
  readonly ip: string
  readonly version: 4 | 6
  /** As `parseIp` reads them. */
  readonly words: Uint32Array
}

/** A name of the Internet to be looked up. */
export interface DomainTarget {
  readonly kind: 'domain'
  /** In small letters, what is no ASCII as A-labels (RFC 5890), without a dot at the end. */
  readonly domain: string
  /** The same as people write it. */
  readonly unicode: string
  /** The domain that somebody registered: a public suffix and one label; undefined for a public suffix itself. */
  readonly registrable: string | undefined
  /** `co.uk`, by the part of the public suffix list that registries make. */
  readonly publicSuffix: string
}

export type LookupTarget = IpTarget | DomainTarget

/** The longest text that can be a target: a name in letters of four bytes, escaped or not. */
const MAX_TARGET = 1_024
const MAX_NAME = 253
/** RFC 1035 §2.3.1 with the underscores of RFC 8552, and more than one label. */
const NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/
/** What a name may be written in: of ASCII nothing else, or the conversion would take the text for a part of a URL. */
const WRITTEN = /^[\w.\-\P{ASCII}]+$/u
/** A top-level domain is no number: `192.0.2.256` is a mistake, not a name (RFC 3696 §2). */
const NUMBER = /\.\d+$/
/** Names that resolvers must not be asked for (RFC 7686 §2). */
const ONION = /\.onion$/
const ME = 'me'

/**
 * Read what somebody wants to know about: an address, a name in either form, or `me`.
 *
 * @param ownIp the address that `me` stands for; without one it stands for nothing
 * @throws DomainError `invalid-parameter` (`target`) when it is none of these
 */
export function parseLookupTarget(text: string, ownIp?: string): LookupTarget {
  const trimmed = text.trim()
  if (trimmed.length > MAX_TARGET) throw invalid('is too long')
  return ipTarget(ownIp !== undefined && isMe(trimmed) ? ownIp : trimmed) ?? domainTarget(trimmed)
}

/** Whether a text stands for the address of whoever asks. */
export function isMe(text: string): boolean {
  return text.length === ME.length && text.toLowerCase() === ME
}

function ipTarget(text: string): IpTarget | undefined {
  if (text.includes('%')) return undefined
  const words = new Uint32Array(4)
  // A URL puts IPv6 addresses in brackets (RFC 3986 §3.2.2).
  const version = parseIp(/^\[(.*)\]$/.exec(text)?.[1] ?? text, words)
  return version === undefined ? undefined : { kind: 'ip', ip: formatIp(version, words), version, words }
}

function domainTarget(text: string): DomainTarget {
  const ascii = domainToASCII(text.replace(/[.。．｡]$/u, '')).toLowerCase()
  if (!WRITTEN.test(text) || ascii.length > MAX_NAME || !NAME.test(ascii) || NUMBER.test(ascii))
    throw invalid('must be an IP address or a domain name')
  if (ONION.test(ascii)) throw invalid('is an onion service, which the DNS does not know')
  const { domain, publicSuffix } = parse(ascii, { validateHostname: false })
  return {
    kind: 'domain',
    domain: ascii,
    unicode: domainToUnicode(ascii),
    registrable: domain ?? undefined,
    publicSuffix: publicSuffix ?? ascii.slice(ascii.lastIndexOf('.') + 1),
  }
}

function invalid(problem: string): DomainError {
  return new DomainError('invalid-parameter', { parameter: 'target', problem })
}
