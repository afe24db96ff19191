import { z } from 'zod'

/** A problem of a field, in words that go behind its name. */
const must = (expected: string) => ({
  error: (issue: { readonly input?: unknown }) =>
    issue.input === undefined || issue.input === null ? 'is required' : `must be ${expected}`,
})

export const text = z.string(must('text'))

export const textList = z.array(z.string(must('text')), must('a list of texts'))

/** A number of a body. */
export const number = z.number(must('a number'))

/** A whole number of a body, within bounds. */
export function integer(min: number, max: number) {
  const expected = must(`a whole number from ${min} to ${max}`)
  return z.int(expected).min(min, expected).max(max, expected)
}

/** True or false. */
export const flag = z.boolean(must('true or false'))

/** One of some words. */
export function oneOf<const T extends readonly [string, ...string[]]>(...choices: T) {
  return z.enum(choices, must(`one of ${choices.join(', ')}`))
}

/** A request body; what it does not know is let pass. */
export function body<S extends z.ZodRawShape>(shape: S) {
  return z.object(shape, must('a JSON object'))
}

/** A query parameter that is a whole number within bounds. */
export function integerParameter(min: number, max: number) {
  const expected = { error: `must be a whole number from ${min} to ${max}` }
  return z.preprocess(
    (given) => (typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given),
    z.int(expected).min(min, expected).max(max, expected),
  )
}

/** A query parameter that may be given several times, blank too. */
export function manyTexts(max: number) {
  return z
    .array(z.string().max(255, { error: 'must have at most 255 characters' }))
    .max(max, { error: `must be given at most ${max} times` })
    .default([])
}

const notAnInstant = { error: 'must be a date or an instant of ISO 8601 with its offset' }

/** A query parameter that is an instant, or a day for its beginning, UTC. */
export const instantParameter = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], notAnInstant)
  .transform((text) => new Date(text))

/** How many rows of a list are answered. */
export function limitParameter(max: number) {
  return integerParameter(1, max).default(20)
}

/** Where a list goes on: the `next_cursor` of the page before. */
export const cursorParameter = z
  .string()
  .optional()
  .meta({ description: 'The `next_cursor` of the page before.' })

/** An instant: ISO 8601, UTC. */
export const instant = z.iso.datetime()

/** A list, and where it goes on; null at its end. */
export function listOf<Row extends z.ZodType>(row: Row) {
  return z.object({ data: z.array(row), next_cursor: z.string().nullable() })
}
