import { SourceError } from './source-error.ts'
import { findSource, type Source, sourceNames } from './source-table.ts'

/** There is no source of that name. */
export class UnknownSourceError extends SourceError {}

/** @throws UnknownSourceError that lists the names there are */
export function requireSource(name: string): Source {
  const source = findSource(name)
  if (source !== undefined) return source
  throw new UnknownSourceError(`there is no source "${name}"; there are ${sourceNames().join(', ')}`)
}
