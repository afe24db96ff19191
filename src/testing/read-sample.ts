import type { FileSummary, OpenParser, Row } from '#core/network/sources/rows.ts'
import { findSource } from '#core/network/sources/source-table.ts'

/** What a parser makes of a file. */
export interface ReadFile {
  readonly rows: readonly Row[]
  readonly summary: FileSummary
}

/** The parser of a source, by the source's name. */
export function parserOf(source: string): OpenParser {
  const content = findSource(source)?.content
  if (content?.kind !== 'rows') throw new Error(`${source} has no rows`)
  return content.open
}

/** Read a file that arrives in pieces of so many bytes. */
export function readBytes(open: OpenParser, bytes: Uint8Array, pieceBytes = bytes.length): ReadFile {
  const rows: Row[] = []
  const parser = open((row) => rows.push(row))
  for (let at = 0; at < bytes.length; at += pieceBytes) parser.push(bytes.subarray(at, at + pieceBytes))
  return { rows, summary: parser.end() }
}

/** Read a file of a source. */
export function readText(source: string, text: string): ReadFile {
  return readBytes(parserOf(source), Buffer.from(text))
}

/** The sentence with which a file of a source is refused. */
export function refusalOf(source: string, text: string): string {
  try {
    const { summary } = readText(source, text)
    return `accepted: ${JSON.stringify(summary)}`
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}
