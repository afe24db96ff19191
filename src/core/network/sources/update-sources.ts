import { rmSync } from 'node:fs'
import type { StoredFile } from '#ports/network/source-store.ts'
import { PackedFileError } from '#ports/network/unpack-file.ts'
import { OutgoingError } from '#ports/outgoing/outgoing-error.ts'
import { type DownloadSettings, downloadPart } from './download-part.ts'
import { requireSource } from './require-source.ts'
import { SourceFormatError } from './rows.ts'
import { reasonOf, SourceError, TermsNotAcceptedError } from './source-error.ts'
import { acceptTerms } from './source-terms.ts'
import { findSource, type Source, type SourcePart, SOURCES, type Terms } from './source-table.ts'
import { type SourceContext, storeDraft } from './store-draft.ts'

/** What to update, and how. */
export interface Update {
  /** Sources by name; empty for all that are updated unasked. */
  readonly sources: readonly string[]
  /** The operator accepts the terms of the sources. */
  readonly areTermsAccepted: boolean
  /** Fetch what is not newer, and take any number of rows. */
  readonly isForced: boolean
}

/** What became of one part of a source. */
export type PartOutcome = {
  readonly source: string
  readonly part: string
} & (
  | { readonly kind: 'stored'; readonly file: StoredFile }
  | { readonly kind: 'unchanged'; readonly file: StoredFile }
  /** `kept` is the file that goes on serving. */
  | { readonly kind: 'failed'; readonly reason: string; readonly kept: StoredFile | undefined }
)

/** Told how an update goes. */
export interface UpdateObserver {
  onBytes(part: PartName, receivedBytes: number, totalBytes: number | undefined): void
  onOutcome(outcome: PartOutcome): void
}

export interface PartName {
  readonly source: string
  readonly part: string
}

export interface UpdateResult {
  readonly outcomes: readonly PartOutcome[]
  /** Terms that kept sources out of an update of everything, and those sources. */
  readonly leftOut: readonly { readonly terms: Terms; readonly sources: readonly string[] }[]
}

/**
 * Download what is newer, one file after the other. One that fails does not stop the others, and its last good file
 * stays.
 *
 * Without names, everything is updated that is marked so in the table, whose terms are accepted, or that was downloaded
 * before.
 *
 * @throws UnknownSourceError, or TermsNotAcceptedError for a source that is asked for by name; then nothing was done
 */
export async function updateSources(
  ctx: SourceContext & DownloadSettings,
  update: Update,
  observer: UpdateObserver,
): Promise<UpdateResult> {
  const named = update.sources.map(requireSource)
  const isOpen = termsCheck(ctx, update)
  for (const { name, terms } of named)
    if (terms !== undefined && !isOpen(terms)) throw new TermsNotAcceptedError(termsText(terms, [name]))
  const wanted = named.length > 0 ? named : usualSources(ctx)
  const open = wanted.filter(({ terms }) => terms === undefined || isOpen(terms))
  if (update.areTermsAccepted) for (const { terms } of open) if (terms !== undefined) acceptTerms(ctx, terms)

  const outcomes: PartOutcome[] = []
  for (const source of new Set(open))
    for (const part of source.parts) {
      const outcome = await updatePart(ctx, { source, part, isForced: update.isForced }, observer)
      outcomes.push(outcome)
      observer.onOutcome(outcome)
    }
  return { outcomes, leftOut: leftOut(wanted.filter((source) => !open.includes(source))) }
}

/** What an operator reads about terms that have not been accepted, and how to accept them. */
export function termsText(terms: Terms, sources: readonly string[]): string {
  return `${sources.join(', ')} ${sources.length === 1 ? 'comes' : 'come'} with terms that must be accepted first.

${terms.text}
In full: ${terms.url}

To accept them: onehop data update ${sources.join(' ')} --accept-terms`
}

function usualSources({ store }: SourceContext): readonly Source[] {
  const downloaded = store
    .manifest()
    .files.filter((file) => file.isDownload)
    .map((file) => file.source)
  const unlisted = downloaded.flatMap((name) => findSource(name) ?? []).filter(({ name }) => !isListed(name))
  return [
    ...SOURCES.filter(
      ({ name, isDefault, terms }) => isDefault || terms !== undefined || downloaded.includes(name),
    ),
    ...new Map(unlisted.map((source) => [source.name, source])).values(),
  ]
}

function isListed(name: string): boolean {
  return SOURCES.some((source) => source.name === name)
}

function termsCheck({ store }: SourceContext, { areTermsAccepted }: Update): (terms: Terms) => boolean {
  const accepted = store.manifest().acceptedTerms.map(({ name }) => name)
  return ({ name }) => areTermsAccepted || accepted.includes(name)
}

function leftOut(sources: readonly Source[]): UpdateResult['leftOut'] {
  const byTerms = Map.groupBy(sources, ({ terms }) => terms)
  return [...byTerms].flatMap(([terms, those]) =>
    terms === undefined ? [] : [{ terms, sources: those.map(({ name }) => name) }],
  )
}

async function updatePart(
  ctx: SourceContext & DownloadSettings,
  wanted: { readonly source: Source; readonly part: SourcePart; readonly isForced: boolean },
  observer: UpdateObserver,
): Promise<PartOutcome> {
  const { source, part, isForced } = wanted
  const name = { source: source.name, part: part.name }
  const last = ctx.store
    .manifest()
    .files.find((file) => file.source === name.source && file.part === name.part)
  const path = ctx.store.draftPath()
  try {
    const known = isForced || last === undefined || !ctx.store.has(last) ? undefined : last
    const download = await downloadPart(ctx, { source, part, last: known, path }, (received, total) =>
      observer.onBytes(name, received, total),
    )
    if (download.kind === 'unchanged' && last !== undefined) {
      ctx.store.confirm(last, ctx.now())
      return { ...name, kind: 'unchanged', file: last }
    }
    if (download.kind === 'unchanged') throw new SourceError('it is said to be unchanged, but there was none')
    const file = await storeDraft(ctx, source, {
      ...download,
      path,
      part: part.name,
      isDownload: true,
      isForced,
    })
    return { ...name, kind: 'stored', file }
  } catch (error) {
    if (!isOutcome(error)) throw error
    return { ...name, kind: 'failed', reason: reasonOf(error), kept: last }
  } finally {
    rmSync(path, { force: true })
  }
}

/** Whether it is the other end's doing, the file's or the disk's, and not a mistake of ours. */
function isOutcome(error: unknown): boolean {
  return (
    error instanceof OutgoingError ||
    error instanceof SourceError ||
    error instanceof SourceFormatError ||
    error instanceof PackedFileError ||
    (error instanceof Error && 'errno' in error)
  )
}
