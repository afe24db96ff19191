import { domainToASCII } from 'node:url'
import { parse } from 'tldts'
import { DomainError } from '#core/errors.ts'

declare const brand: unique symbol

/** A registrable domain in ASCII, as {@link parseRootDomain} accepts it. */
export type RootDomain = string & { readonly [brand]: 'RootDomain' }

/** A domain whose pages, and those of its subdomains, may look up networks without a key. */
export interface RequestOrigin {
  readonly id: string
  readonly domain: RootDomain
  readonly createdAt: Date
}

/** Domains under which strangers have subdomains, such as `github.io`, are no root domains of anybody's. */
const OPTIONS = { allowPrivateDomains: true }

/**
 * A domain that somebody can own whole: by the Public Suffix List, one label below a suffix.
 *
 * @throws DomainError `origin-invalid` for URLs, IP addresses, suffixes such as `co.uk`, and subdomains
 */
export function parseRootDomain(text: string): RootDomain {
  const name = text.trim().replace(/\.$/, '')
  // `domainToASCII` would cut a path off.
  const host = /^[\p{L}\p{M}\p{N}.-]+$/u.test(name) ? domainToASCII(name).toLowerCase() : ''
  const { domain, hostname, isIp } = parse(host, OPTIONS)
  if (domain === null || isIp === true || hostname !== host || !/^[a-z0-9.-]+$/.test(host))
    throw new DomainError('origin-invalid', { problem: 'must be a root domain such as example.com' })
  if (domain !== host)
    throw new DomainError('origin-invalid', { problem: `must be the root domain, ${domain}` })
  return domain as RootDomain
}

/** The root domain of a page's address or origin (RFC 6454 §6.2); undefined where there is none. */
export function rootDomainOf(url: string): RootDomain | undefined {
  const parsed = URL.parse(url)
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) return undefined
  const { domain, isIp } = parse(parsed.hostname.replace(/\.$/, ''), OPTIONS)
  return domain === null || isIp === true ? undefined : (domain as RootDomain)
}
