import { fields, lines, parseFields } from './payload-fields.ts'

/** Text as it was written. */
export interface PlainText {
  readonly kind: 'text'
  /** 1–10,000 characters, not all of them blank; lines end with a line feed. */
  readonly text: string
}

const MAX_LENGTH = 10_000

const Text = fields({ text: lines(MAX_LENGTH) }).transform(({ text }, context): PlainText => {
  if (text === undefined)
    context.issues.push({ code: 'custom', message: 'is required', path: ['text'], input: undefined })
  return { kind: 'text', text: text ?? '' }
})

/**
 * A text from the field `text`.
 *
 * @throws DomainError `payload-invalid`
 */
export function parsePlainText(payload: unknown): PlainText {
  return parseFields(Text, payload)
}

/** The first line that says something, without blanks around it. */
export function firstLine({ text }: PlainText): string {
  return text.trim().split('\n', 1)[0]?.trim() ?? ''
}
