import { z } from 'zod'
import { DomainError, type InputProblem } from '#core/errors.ts'

/** How many problems one refusal names, and how much of an unknown field's name. */
const MAX_PROBLEMS = 20
const MAX_NAME_LENGTH = 60

/**
 * Parse a payload.
 *
 * @throws DomainError `payload-invalid` naming every field that is wrong or not known
 */
export function parseFields<T>(schema: z.ZodType<T>, payload: unknown): T {
  const parsed = schema.safeParse(payload)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap(toProblems).slice(0, MAX_PROBLEMS)
  throw new DomainError('payload-invalid', { problems })
}

function toProblems(issue: z.core.$ZodIssue): readonly InputProblem[] {
  if (issue.code !== 'unrecognized_keys') return [{ field: issue.path.join('.'), problem: issue.message }]
  return issue.keys.map((key) => ({
    field: [...issue.path, key.slice(0, MAX_NAME_LENGTH)].join('.'),
    problem: 'is not a field of this kind of link',
  }))
}

/** An object that has no other fields. */
export function fields<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? undefined : 'must be an object'),
  })
}

const text = z.string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be text') })

/**
 * One line without blanks around it; undefined when it is absent, null or blank.
 *
 * @param maxLength in characters
 */
export function line(maxLength: number) {
  return text
    .trim()
    .refine((value) => isOneLine(value), 'must be one line without control characters')
    .refine((value) => Array.from(value).length <= maxLength, `must have at most ${maxLength} characters`)
    .nullish()
    .transform((value) => value || undefined)
}

/**
 * Text of several lines, each ended by one line feed; undefined when it is absent, null or blank.
 *
 * @param maxLength in characters, line feeds included
 */
export function lines(maxLength: number) {
  return text
    .transform((value) => value.replace(/\r\n?/g, '\n'))
    .refine((value) => isPrintable(value), 'must not contain control characters')
    .refine((value) => Array.from(value).length <= maxLength, `must have at most ${maxLength} characters`)
    .nullish()
    .transform((value) => (value == null || value.trim() === '' ? undefined : value))
}

/** A text whose blanks count too. */
export const exactLine = text.refine(
  (value) => isOneLine(value),
  'must be one line without control characters',
)

/** One of some words, in any case. */
export function word<const T extends string>(words: readonly T[]) {
  const find = (value: string) => words.find((known) => known.toLowerCase() === value.trim().toLowerCase())
  return text
    .refine((value) => find(value) !== undefined, `must be one of ${words.join(', ')}`)
    .transform((value) => find(value))
    .nullish()
    .transform((value) => value ?? undefined)
}

/**
 * Things of which there can be several, given as a list or alone; a text stands for an object that has only the field
 * `key`. What is null or blank is none.
 */
export function several<T extends z.ZodType>(item: T, key: string, max: number) {
  const asObjects = (entry: unknown) => {
    if (typeof entry !== 'string') return entry == null ? [] : [entry]
    return entry.trim() === '' ? [] : [{ [key]: entry }]
  }
  return z.preprocess(
    (value) => (Array.isArray(value) ? value : [value]).flatMap(asObjects),
    z.array(item).max(max, `must have at most ${max} entries`),
  )
}

/** Control characters, line and paragraph separators. */
function isOneLine(value: string): boolean {
  return value.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)
}

/** Control characters other than line feed and tab. */
function isPrintable(value: string): boolean {
  return value.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(value)
}
