/** What could not be done with a source, as a sentence for the operator. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
}

/** The terms of a source must be accepted first. */
export class TermsNotAcceptedError extends SourceError {}

/** The message of whatever was thrown, without a full stop at its end. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}
