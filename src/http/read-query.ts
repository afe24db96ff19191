import type { HonoRequest } from 'hono'
import { DomainError } from '#core/errors.ts'

/**
 * A query parameter that may be given once.
 *
 * @returns undefined when it is absent or blank
 * @throws DomainError `invalid-parameter` when it is given twice
 */
export function queryText(request: HonoRequest, parameter: string): string | undefined {
  const values = request.queries(parameter) ?? []
  if (values.length > 1)
    throw new DomainError('invalid-parameter', { parameter, problem: 'must be given once' })
  return values[0]?.trim() || undefined
}

/**
 * A whole number in a query parameter.
 *
 * @returns the default when it is absent or blank
 * @throws DomainError `invalid-parameter` when it is given twice, is no whole number or is out of bounds
 */
export function queryInt(
  request: HonoRequest,
  parameter: string,
  bounds: { readonly min: number; readonly max: number; readonly default: number },
): number {
  const text = queryText(request, parameter)
  if (text === undefined) return bounds.default
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= bounds.min && value <= bounds.max))
    throw new DomainError('invalid-parameter', {
      parameter,
      problem: `must be a whole number from ${bounds.min} to ${bounds.max}`,
    })
  return value
}
