import { type CompileSource, compileNetwork } from '#core/network/compile-network.ts'
import { openNetworkView } from '#core/network/flat-view.ts'
import type { NetworkView } from '#core/network/network.ts'
import type { AddressRange, Row } from '#core/network/sources/rows.ts'
import { flatFileInMemory } from '#ports/network/flat-file.ts'

/** When the data of tests were compiled. */
export const BUILT_AT = new Date('2026-01-01T00:00:00.000Z')

/** One source with its rows: a name that `onehop data` knows decides what it counts for. */
export interface TestSource {
  readonly name: string
  readonly title?: string
  /** `2025-09-01`; without one nobody knows. */
  readonly date?: string
  readonly rows: readonly Row[]
}

/** What lookups answer from such sources, compiled as real ones are. */
export async function testNetwork(sources: readonly TestSource[]): Promise<NetworkView> {
  const contents = await compileNetwork({ sources: sources.map(sourceOf), now: BUILT_AT })
  return openNetworkView(flatFileInMemory(contents))
}

export function sourceOf({ name, title, date, rows }: TestSource): CompileSource {
  return {
    name,
    title: title ?? `Title of ${name}`,
    license: 'CC0-1.0',
    date,
    content: { kind: 'rows', read: (emit) => rows.forEach(emit) },
  }
}

/** The addresses of a network such as `192.0.2.0/24` or `2001:db8::/32`, or of a single address. */
export function rangeOf(prefix: string): AddressRange {
  const [ip = '', length] = prefix.split('/')
  if (!ip.includes(':')) {
    const first = ip.split('.').reduce((address, octet) => address * 256 + Number(octet), 0)
    return { version: 4, first, last: first + 2 ** (32 - Number(length ?? 32)) - 1 }
  }
  const [head = [], tail = []] = ip.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const groups = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail]
  const first = groups.reduce((address, group) => (address << 16n) | BigInt(Number.parseInt(group, 16)), 0n)
  return { version: 6, first, last: first + 2n ** (128n - BigInt(length ?? 128)) - 1n }
}
