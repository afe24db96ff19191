/**
 * Whether a list of entity tags, or `*`, has one.
 *
 * @param isWeak whether a tag of the list may be a weak one: of bytes that mean the same
 *
 * Source: RFC 9110 §8.8.3.
 */
export function listsTag(list: string, etag: string, isWeak: boolean): boolean {
  if (list.trim() === '*') return true
  return [...list.matchAll(/(W\/)?("[^"]*")/g)].some(
    ([, weak, tag]) => tag === etag && (isWeak || weak === undefined),
  )
}
