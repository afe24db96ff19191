import { PackedFileError } from '#ports/network/unpack-file.ts'

/** What could not be done with a source, as a sentence for the operator. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
}

/** The terms of a source must be accepted first. */
export class TermsNotAcceptedError extends SourceError {}

/** What was thrown as a clause to go on from. */
export function reasonOf(error: unknown): string {
  if (error instanceof PackedFileError) return `it ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
