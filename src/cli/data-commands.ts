import { statSync } from 'node:fs'
import type { Config } from '#config/config.ts'
import { networkFile } from '#core/network/compile-network-data.ts'
import { importSource } from '#core/network/sources/import-source.ts'
import { UnknownSourceError } from '#core/network/sources/require-source.ts'
import { SourceFormatError } from '#core/network/sources/rows.ts'
import { reasonOf, SourceError } from '#core/network/sources/source-error.ts'
import { sourceStatus, type SourceStatus } from '#core/network/sources/source-status.ts'
import {
  type PartName,
  type PartOutcome,
  termsText,
  updateSources,
} from '#core/network/sources/update-sources.ts'
import { runCompiler } from '#jobs/run-compiler.ts'
import manifest from '#package.json' with { type: 'json' }
import {
  DamagedManifestError,
  openSourceStore,
  readManifest,
  SourceStoreInUseError,
  type StoredFile,
  storedPath,
} from '#ports/network/source-store.ts'
import { PackedFileError } from '#ports/network/unpack-file.ts'
import { createOutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { columns } from './columns.ts'
import { CommandError } from './command-error.ts'
import type { Terminal } from './terminal.ts'

/** Options of the data commands, as they were typed. */
export interface DataOptions {
  readonly 'accept-terms'?: boolean | undefined
  readonly force?: boolean | undefined
  readonly json?: boolean | undefined
}

/** What a data command works with. */
export interface DataCommandContext {
  readonly config: Config
  readonly terminal: Terminal
  readonly now: () => Date
}

/** A data command's work, which prints as it goes. It returns the exit code. */
type DataCommand = (
  ctx: DataCommandContext,
  args: readonly string[],
  options: DataOptions,
) => Promise<number> | number

const MINUTE_MS = 60_000
/** The largest file, of 130 MB, at half a megabit a second. */
const DOWNLOAD_TIMEOUT_MS = 40 * MINUTE_MS
const IDLE_TIMEOUT_MS = MINUTE_MS
const BAR_WIDTH = 24
const FULL_BLOCK = '█'
const LIGHT_BLOCK = '░'

/** The commands about network data by their second word. */
export const DATA_COMMANDS: Readonly<Partial<Record<string, DataCommand>>> = {
  async update({ config, terminal, now }, sources, options) {
    using store = openStore(config)
    const outgoing = createOutgoingClient({
      allowPrivate: config.allowPrivateTargets,
      contactUrl: config.baseUrl.href,
      version: manifest.version,
    })
    const { outcomes, leftOut } = await updateSources(
      {
        store,
        now,
        outgoing,
        mirrorUrl: config.dataMirror,
        timeoutMs: DOWNLOAD_TIMEOUT_MS,
        idleTimeoutMs: IDLE_TIMEOUT_MS,
      },
      {
        sources,
        areTermsAccepted: options['accept-terms'] === true,
        isForced: options.force === true,
      },
      {
        onBytes: (part, received, total) => terminal.showProgress(progressLine(part, received, total)),
        onOutcome: (outcome) => printOutcome(terminal, outcome),
      },
    ).catch(asCommandError)
    if (isCompileDue(config.dataDir)) await compile({ config, terminal, now })
    for (const { terms, sources: names } of leftOut) terminal.print(`\n${termsText(terms, names)}`)
    const failed = outcomes.filter(({ kind }) => kind === 'failed').length
    if (failed > 0) terminal.printError(`onehop: ${failed} of ${outcomes.length} files could not be updated`)
    return failed > 0 ? 1 : 0
  },

  async import({ config, terminal, now }, [source, path, ...rest], options) {
    if (source === undefined || path === undefined || rest.length > 0)
      throw new CommandError('data import takes a source and a file: data import SOURCE FILE', 2)
    using store = openStore(config)
    const isForced = options.force === true
    terminal.showProgress(`reading ${path}`)
    try {
      const file = await importSource({ store, now }, { source, path, isForced })
      terminal.print(storedLine(file))
    } catch (error) {
      if (!isRefusal(error) || error instanceof UnknownSourceError) return asCommandError(error)
      throw new CommandError(`${path} is not taken: ${reasonOf(error)}`, 1)
    }
    await compile({ config, terminal, now })
    return 0
  },

  status({ config, terminal, now }, args, options) {
    if (args.length > 0) throw new CommandError('data status takes no arguments', 2)
    const status = sentenced(() => sourceStatus(config.dataDir, now()))
    if (options.json === true) terminal.print(JSON.stringify(status, null, 2))
    else for (const line of statusTable(status)) terminal.print(line)
    return 0
  },
}

function openStore(config: Config) {
  return sentenced(() => openSourceStore(config.dataDir))
}

/** @throws CommandError for a store that is in use or damaged */
function sentenced<T>(use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof SourceStoreInUseError || error instanceof DamagedManifestError)
      throw new CommandError(error.message, 1)
    throw error
  }
}

/** Whether something was stored after the last compilation, which may have been interrupted. */
function isCompileDue(dataDir: string): boolean {
  const stored = readManifest(dataDir).files.map((file) => modifiedAtMs(storedPath(dataDir, file)))
  return stored.length > 0 && modifiedAtMs(networkFile(dataDir)) < Math.max(...stored)
}

/** @returns 0 where there is no such file */
function modifiedAtMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** Make what is stored what lookups answer from. */
async function compile({ config, terminal }: DataCommandContext): Promise<void> {
  const { dataDir, starterData } = config
  terminal.showProgress('compiling')
  try {
    await runCompiler({ dataDir, part: 'whole', usesStarterData: starterData })
  } catch (error) {
    throw new CommandError(`what is stored cannot be compiled: ${reasonOf(error)}`, 1)
  }
  terminal.print('Compiled. A running server answers from it within a second.')
}

/** @throws CommandError for what the operator asked for and cannot have; what is thrown otherwise */
function asCommandError(error: unknown): never {
  if (error instanceof UnknownSourceError) throw new CommandError(error.message, 2)
  if (isRefusal(error)) throw new CommandError(error.message, 1)
  throw error
}

function isRefusal(error: unknown): error is Error {
  return (
    error instanceof SourceError || error instanceof SourceFormatError || error instanceof PackedFileError
  )
}

function printOutcome(terminal: Terminal, outcome: PartOutcome): void {
  if (outcome.kind === 'stored') return terminal.print(storedLine(outcome.file))
  if (outcome.kind === 'unchanged')
    return terminal.print(`${nameOf(outcome)}: nothing newer than what is there, of ${outcome.file.date}`)
  const kept =
    outcome.kept === undefined
      ? 'there is none from before'
      : `the last good file, of ${outcome.kept.date}, stays`
  return terminal.printError(`${nameOf(outcome)}: failed: ${outcome.reason}; ${kept}`)
}

function storedLine(file: StoredFile): string {
  const bad = file.badRows > 0 ? `, ${grouped(file.badRows)} damaged ones left out` : ''
  return `${nameOf(file)}: ${grouped(file.rows)} rows of ${file.date} (${sizeText(file.sizeBytes)})${bad}`
}

function progressLine(part: PartName, received: number, total: number | undefined): string {
  const name = nameOf(part).padEnd(24)
  if (total === undefined || total === 0) return `${name}  ${sizeText(received)}`
  const share = Math.min(1, received / total)
  const full = Math.round(share * BAR_WIDTH)
  const bar = FULL_BLOCK.repeat(full) + LIGHT_BLOCK.repeat(BAR_WIDTH - full)
  return `${name}  ${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${sizeText(received)} of ${sizeText(total)}`
}

function statusTable(status: readonly SourceStatus[]): readonly string[] {
  const present = status.filter(({ kind }) => kind !== 'missing')
  const missing = [...new Set(status.filter(({ kind }) => kind === 'missing').map(({ source }) => source))]
  const rows = present.map((file) => [
    nameOf(file),
    file.kind,
    file.date ?? 'unknown',
    file.ageDays === undefined ? '' : `${file.ageDays} d`,
    file.isStale ? 'stale' : '',
    file.rows === undefined ? '' : grouped(file.rows),
    file.isLicenseAccepted === true ? `${file.license}, accepted` : file.license,
  ])
  return [
    ...columns([['SOURCE', 'FROM', 'DATE', 'AGE', '', 'ROWS', 'LICENCE'], ...rows]),
    ...(missing.length === 0
      ? []
      : ['', 'Not there yet (onehop data update, onehop data import):', ...wrapped(missing)]),
  ]
}

/** Names with commas between them, in lines of a terminal. */
function wrapped(names: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (const [index, name] of names.entries()) {
    const word = index === names.length - 1 ? name : `${name},`
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length > 78) lines.push(`  ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

function nameOf({ source, part }: PartName): string {
  return part === '' ? source : `${source} ${part}`
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
