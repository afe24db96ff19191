import { z } from 'zod'

/** A problem of a field, in words that go behind its name. */
const must = (expected: string) => ({
  error: (issue: { readonly input?: unknown }) =>
    issue.input === undefined || issue.input === null ? 'is required' : `must be ${expected}`,
})

/** A password as it was typed, whatever it is. */
export const password = z.string(must('text'))

/** A code of the second factor as it was typed. */
export const code = z.string(must('text'))

/** A request body; what it does not know is let pass. */
export function body<S extends z.ZodRawShape>(shape: S) {
  return z.object(shape, must('a JSON object'))
}
