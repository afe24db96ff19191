import { z } from 'zod'

/** A problem of a field, in words that go behind "The … field". */
const must = (expected: string) => ({
  error: (issue: { readonly input?: unknown }) =>
    issue.input === undefined || issue.input === null ? 'is required' : `must be ${expected}`,
})

/** A text that has to be there and say something. */
export const requiredText = z.string(must('a string')).refine((text) => text.trim() !== '', 'is required')

export const text = z.string(must('a string'))

export const wholeNumber = z.int(must('an integer'))

export const textList = z.array(z.string(must('a string')), must('an array'))

/** One of some words. */
export function oneOf<const T extends readonly [string, ...string[]]>(...choices: T) {
  return z.enum(choices, must(`one of ${choices.join(', ')}`))
}

/** A request body; what it does not know is let pass. */
export function body<S extends z.ZodRawShape>(shape: S) {
  return z.object(shape, must('a JSON object'))
}
