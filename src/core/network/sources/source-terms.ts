import { readManifest } from '#ports/network/source-store.ts'
import { SOURCES, type Terms } from './source-table.ts'
import type { SourceContext } from './store-draft.ts'

/** Terms that data come with, and whether the operator has accepted them. */
export interface TermsStatus {
  readonly terms: Terms
  /** Names of the sources that come with them. */
  readonly sources: readonly string[]
  /** ISO 8601; undefined where they are not accepted. */
  readonly acceptedAt: string | undefined
}

/**
 * All terms of the table's sources.
 *
 * @throws Error when the manifest is damaged
 */
export function termsStatus(dataDir: string): readonly TermsStatus[] {
  const { acceptedTerms } = readManifest(dataDir)
  return [...Map.groupBy(SOURCES, ({ terms }) => terms)].flatMap(([terms, sources]) => {
    if (terms === undefined) return []
    const acceptedAt = acceptedTerms.find(({ name }) => name === terms.name)?.acceptedAt
    return [{ terms, sources: sources.map(({ name }) => name), acceptedAt }]
  })
}

/** Note that the operator accepts terms. Whoever has done so before has done so then. */
export function acceptTerms(
  { store, now }: Pick<SourceContext, 'store' | 'now'>,
  { name, url }: Terms,
): void {
  if (!store.manifest().acceptedTerms.some((accepted) => accepted.name === name))
    store.acceptTerms({ name, url, acceptedAt: now().toISOString() })
}
