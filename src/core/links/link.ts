import { type DescribedField, DomainError } from '#core/errors.ts'
import type { LinkKind, LinkPayload } from './payload.ts'

declare const brand: unique symbol
type Brand<T, B extends string> = T & { readonly [brand]: B }

/** An absolute http(s) URL of printable ASCII, at most 8 KiB, as {@link parseTargetUrl} accepts it. */
export type TargetUrl = Brand<string, 'TargetUrl'>

/** The path of a short link, as {@link parseSlug} accepts it or chance draws it. */
export type Slug = Brand<string, 'Slug'>

export type LinkStatus = 'active' | 'inactive' | 'archived'

export interface Link {
  readonly id: number
  readonly publicId: string
  readonly teamId: number
  readonly slug: Slug
  readonly kind: LinkKind
  /** Where it leads; null exactly where the kind is not `url`. */
  readonly target: TargetUrl | null
  /** What its page shows; null exactly where the kind is `url`. */
  readonly payload: LinkPayload | null
  readonly title: string | null
  readonly description: string | null
  readonly tags: readonly string[]
  /** The title and icon of the target's page, once that was asked for them. */
  readonly pageTitle: string | null
  readonly faviconUrl: string | null
  /** Inactive links do not redirect; archived ones do, and are left out of everyday lists. */
  readonly status: LinkStatus
  readonly source: 'web' | 'api'
  readonly expiresAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

const MAX_TARGET_BYTES = 8 * 1024
const MAX_SLUG_LENGTH = 64
const MAX_TITLE_LENGTH = 200
const MAX_DESCRIPTION_LENGTH = 1_000
const MAX_TAGS = 20
const MAX_TAG_LENGTH = 50

/**
 * A link's target. Text that is a plain ASCII URL is kept as it was written; anything else in the form the URL
 * Standard gives it, so that an internationalised host is shown in punycode and nobody is fooled by its looks.
 *
 * @throws DomainError `target-invalid` for anything but an absolute http(s) URL with a host and without credentials
 */
export function parseTargetUrl(text: string): TargetUrl {
  const refuse = (problem: string) => new DomainError('target-invalid', { problem })
  const trimmed = text.trim()
  if (/\p{Cc}/u.test(trimmed) || !trimmed.isWellFormed()) throw refuse('must not contain control characters')
  const url = URL.parse(trimmed)
  if (url === null) throw refuse('must be an absolute http(s) URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refuse('must begin with http:// or https://')
  if (!/^https?:\/\//i.test(trimmed)) throw refuse('must begin with http:// or https://')
  if (url.username !== '' || url.password !== '') throw refuse('must not contain a user name or password')
  const kept = /^[!-~]+$/.test(trimmed) && !trimmed.includes('\\') ? trimmed : url.href
  if (kept.length > MAX_TARGET_BYTES || url.href.length > MAX_TARGET_BYTES)
    throw refuse(`must have at most ${MAX_TARGET_BYTES} bytes`)
  return kept as TargetUrl
}

/** Whether text could be a slug at all; reserved words are. */
export function isSlug(text: string): text is Slug {
  return text.length <= MAX_SLUG_LENGTH && /^[A-Za-z0-9_-]+$/.test(text)
}

/**
 * A slug that somebody chose: 1–64 letters, digits, hyphens and underscores; case counts.
 *
 * @throws DomainError `slug-invalid`, or `slug-reserved` for the paths the server itself answers
 */
export function parseSlug(text: string): Slug {
  if (!isSlug(text))
    throw new DomainError('slug-invalid', {
      problem: `must have 1 to ${MAX_SLUG_LENGTH} letters, digits, hyphens or underscores`,
    })
  if (isReservedSlug(text)) throw new DomainError('slug-reserved', { slug: text })
  return text
}

/** @throws DomainError `field-invalid` for over 200 characters or control characters */
export function parseTitle(text: string): string {
  return parseLine('title', text, MAX_TITLE_LENGTH)
}

/** @throws DomainError `field-invalid` for over 1,000 characters */
export function parseDescription(text: string): string {
  const description = text.trim()
  if (Array.from(description).length > MAX_DESCRIPTION_LENGTH)
    throw new DomainError('field-invalid', {
      field: 'description',
      problem: `must have at most ${MAX_DESCRIPTION_LENGTH} characters`,
    })
  return description
}

/**
 * Tags without blanks around them, each once.
 *
 * @throws DomainError `field-invalid` for over 20 tags, or one that is empty, over 50 characters or has a comma,
 *   which lists of tags are separated by
 */
export function parseTags(texts: readonly string[]): readonly string[] {
  const refuse = (problem: string) => new DomainError('field-invalid', { field: 'tags', problem })
  const tags = [...new Set(texts.map((text) => parseLine('tags', text, MAX_TAG_LENGTH)))]
  if (tags.length > MAX_TAGS) throw refuse(`must not have more than ${MAX_TAGS} items`)
  if (tags.some((tag) => tag === '' || tag.includes(','))) throw refuse('must be texts without commas')
  return tags
}

/**
 * When a link stops working: an ISO 8601 date and time; without an offset it is UTC.
 *
 * @throws DomainError `field-invalid` for anything else, or a time that is not after `now`
 */
export function parseExpiry(text: string, now: Date): Date {
  const refuse = (problem: string) => new DomainError('field-invalid', { field: 'expires-at', problem })
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(Z|[+-]\d{2}:?\d{2})?$/i.exec(
      text.trim(),
    )
  const [, day = '', time = '00:00', offset = 'Z'] = match ?? []
  const expiry = new Date(`${day}T${time}${offset}`)
  // A day that its month does not have is taken for one of the next.
  const dayExists = new Date(`${day}T00:00Z`).getUTCDate() === Number(day.slice(8))
  if (Number.isNaN(expiry.getTime()) || !dayExists) throw refuse('must be a valid date')
  if (expiry <= now) throw refuse('must be a date in the future')
  return expiry
}

/** One line of text of bounded length. */
function parseLine(field: DescribedField, text: string, maxLength: number): string {
  const line = text.trim()
  if (Array.from(line).length > maxLength)
    throw new DomainError('field-invalid', { field, problem: `must have at most ${maxLength} characters` })
  if (/\p{Cc}/u.test(line))
    throw new DomainError('field-invalid', { field, problem: 'must not contain control characters' })
  return line
}

/** First path segments that are not links, whatever their case. */
const RESERVED = new Set(
  [
    // The dialects.
    ['api', 'v1', 'v3', 'storage', 'bgp', 'ip', 'dl', 'l'],
    // The dashboard and its files.
    ['app', 'assets', 'static', 'login', 'logout', 'signup', 'credits', 'admin'],
    // Documentation and operations.
    ['docs', 'openapi', 'healthz', 'readyz', 'metrics', 'status'],
    // What browsers, crawlers and impostors look for.
    ['favicon', 'robots', 'sitemap', 'well-known', 'www'],
  ].flat(),
)

/** Whether the server keeps a first path segment for itself. */
export function isReservedSlug(text: string): boolean {
  return RESERVED.has(text.toLowerCase())
}
