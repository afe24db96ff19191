import { z } from 'zod'

/** A problem of a field, in words that go behind its name. */
const must = (expected: string) => ({
  error: (issue: { readonly input?: unknown }) =>
    issue.input === undefined || issue.input === null ? 'is required' : `must be ${expected}`,
})

export const text = z.string(must('text'))

export const textList = z.array(z.string(must('text')), must('a list of texts'))

/** One of some words. */
export function oneOf<const T extends readonly [string, ...string[]]>(...choices: T) {
  return z.enum(choices, must(`one of ${choices.join(', ')}`))
}

/** A request body; what it does not know is let pass. */
export function body<S extends z.ZodRawShape>(shape: S) {
  return z.object(shape, must('a JSON object'))
}
