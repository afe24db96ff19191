import { hash } from 'node:crypto'
import { DomainError } from '#core/errors.ts'
import type { Link } from './link.ts'

/** Says of a version whether it is one that the caller knows, and means to change. */
export type IsKnownVersion = (version: string) => boolean

/**
 * Names the state of everything that somebody can change of a link, in base64url: another whenever one of them did. What
 * happens to it, such as clicks, is left out, and so does not get in the way of a change.
 */
export function linkVersion(link: Link): string {
  const { slug, kind, target, payload, title, description, tags, status } = link
  const state = [slug, kind, target, payload, title, description, tags, status]
  const instants = [link.expiresAt?.getTime() ?? null, link.updatedAt.getTime()]
  return hash('sha256', JSON.stringify([...state, ...instants]), 'base64url').slice(0, 22)
}

/** @throws DomainError `precondition-failed` when the caller knows another version of the link */
export function requireVersion(link: Link, isKnown: IsKnownVersion): void {
  if (!isKnown(linkVersion(link))) throw new DomainError('precondition-failed', {})
}
