import { DomainError } from '#core/errors.ts'

/** A place in a list, opaque to clients: behind the row of this number. */
export function cursorOf(id: number): string {
  return Buffer.from(String(id)).toString('base64url')
}

/**
 * The number that a cursor stands for.
 *
 * @returns undefined where a list begins
 * @throws DomainError `invalid-parameter` for what is no cursor of ours
 */
export function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const id = Buffer.from(cursor, 'base64url').toString('latin1')
  if (!/^\d{1,15}$/.test(id))
    throw new DomainError('invalid-parameter', { parameter: 'cursor', problem: 'must be a next_cursor' })
  return Number(id)
}

/** Where a list goes on after these rows; null at its end. */
export function nextCursor(rows: readonly { readonly id: number }[], hasNext: boolean): string | null {
  const last = rows.at(-1)
  return hasNext && last !== undefined ? cursorOf(last.id) : null
}
