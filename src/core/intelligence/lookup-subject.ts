import { DomainError } from '#core/errors.ts'
import { parsePrefix } from '#core/network/parse-target.ts'
import { type LookupTarget, parseLookupTarget } from './lookup-target.ts'

/** What somebody types into the one field there is for lookups. */
export type LookupSubject =
  | LookupTarget
  /** `AS24940` or `24940`, as it was typed but for blanks. */
  | { readonly kind: 'asn'; readonly text: string }
  /** A network, or part of a name, for a search. */
  | { readonly kind: 'prefix' | 'name'; readonly text: string }

/**
 * Tell what a text is about. What is neither a number nor an address, a network or a domain is part of a name.
 *
 * @param ownIp what `me` stands for
 */
export function parseLookupSubject(text: string, ownIp: string): LookupSubject {
  const trimmed = text.trim()
  if (/^(?:as)?\s*\d+$/i.test(trimmed)) return { kind: 'asn', text: trimmed.replaceAll(/\s/g, '') }
  if (trimmed.includes('/'))
    return {
      kind: unlessInvalid(() => parsePrefix(trimmed)) === undefined ? 'name' : 'prefix',
      text: trimmed,
    }
  return unlessInvalid(() => parseLookupTarget(trimmed, ownIp)) ?? { kind: 'name', text: trimmed }
}

function unlessInvalid<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof DomainError) return undefined
    throw error
  }
}
