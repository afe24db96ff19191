import { DomainError } from '#core/errors.ts'

/** A place in a list as clients are given it: opaque to them. */
export function encodeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/**
 * The place that a cursor stands for.
 *
 * @param isPlace whether it is one of this list
 * @throws DomainError `invalid-parameter` for what is no cursor of this list
 */
export function decodeCursor<T extends readonly unknown[]>(
  cursor: string,
  isPlace: (value: readonly unknown[]) => value is T & readonly unknown[],
): T {
  const refused = new DomainError('invalid-parameter', {
    parameter: 'cursor',
    problem: 'must be the next_cursor of a page of the same list',
  })
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw refused
  }
  if (!Array.isArray(value) || !isPlace(value)) throw refused
  return value
}
