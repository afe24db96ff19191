import type { Column, Columns } from '#ports/network/flat-file.ts'
import { concludeType, domainInName } from './as-types.ts'
import { countryCode, countryNumber } from './country-number.ts'
import { GrowingColumn } from './growing-column.ts'
import { foldName } from './names-index.ts'
import type { AsRegistration, AsType, Rir } from './network.ts'
import { placeOf } from './place-of.ts'
import type { AsAllocationRow, AllocationStatus, Registry } from './sources/rows.ts'
import { readStringTable, stringTableBuilder } from './string-table.ts'

const TYPES: readonly AsType[] = ['ISP', 'HOSTING', 'BUSINESS', 'EDUCATION', 'GOVERNMENT']
const RIRS: readonly Rir[] = ['AFRINIC', 'APNIC', 'ARIN', 'LACNIC', 'RIPE']
const REGISTRIES: readonly Registry[] = ['afrinic', 'apnic', 'arin', 'lacnic', 'ripencc']
const STATUSES: readonly AllocationStatus[] = ['allocated', 'assigned', 'reserved', 'available']
/** The most tags that are told apart. */
const MAX_TAGS = 32

/** A field of a system that several sources may fill; the one of the highest rank counts. */
interface Candidate<T> {
  readonly value: T
  readonly rank: number
  readonly source: number
}

interface Draft {
  name?: Candidate<string>
  organization?: Candidate<string>
  country?: Candidate<string>
  domain?: Candidate<string>
  networkClass?: Candidate<string>
  /** What joins the systems of one holder. */
  group?: Candidate<string>
  listed?: Candidate<true>
  tags?: Map<string, number>
}

export interface SystemsBuilder {
  /** The system is in the file even if nothing else is known of it. */
  touch(asn: number): void
  set<Field extends Exclude<keyof Draft, 'tags'>>(
    asn: number,
    field: Field,
    candidate: NonNullable<Draft[Field]>,
  ): void
  tag(asn: number, tag: string, source: number): void
  allocate(row: AsAllocationRow, source: number): void
  /** Their numbers, in order; a system's place in it is its place everywhere. */
  numbers(): Uint32Array
  namesOf(asn: number): readonly string[]
  columns(graph: { customersOf(asn: number): number }): {
    columns: ReadonlyMap<string, Column>
    tags: string[]
  }
}

/** Everything about systems but whose networks and neighbours they are. */
export function systemsBuilder(): SystemsBuilder {
  const drafts = new Map<number, Draft>()
  const allocations: { readonly row: AsAllocationRow; readonly source: number }[] = []
  const draftOf = (asn: number): Draft => {
    const known = drafts.get(asn)
    if (known !== undefined) return known
    const draft: Draft = {}
    drafts.set(asn, draft)
    return draft
  }
  let sorted: Uint32Array | undefined

  return {
    touch: (asn) => void draftOf(asn),
    set(asn, field, candidate) {
      if (candidate.value === '') return
      const draft = draftOf(asn)
      if (candidate.rank > (draft[field]?.rank ?? -1)) draft[field] = candidate
    },
    tag(asn, tag, source) {
      ;(draftOf(asn).tags ??= new Map()).set(tag, source)
    },
    allocate: (row, source) => void allocations.push({ row, source }),
    numbers: () => (sorted ??= Uint32Array.from(drafts.keys()).sort()),
    namesOf: (asn) => namesOf(drafts.get(asn) ?? {}),
    columns(graph) {
      const numbers = (sorted ??= Uint32Array.from(drafts.keys()).sort())
      const tags = tagNames(drafts.values())
      const texts = stringTableBuilder()
      const groups = new Map<string, number>()
      const column = {
        name: new GrowingColumn(),
        organization: new GrowingColumn(),
        country: new GrowingColumn(),
        domain: new GrowingColumn(),
        type: new GrowingColumn(),
        rule: new GrowingColumn(),
        group: new GrowingColumn(),
        tags: new GrowingColumn(),
        nameSource: new GrowingColumn(),
        organizationSource: new GrowingColumn(),
        countrySource: new GrowingColumn(),
        domainSource: new GrowingColumn(),
        typeSource: new GrowingColumn(),
        listed: new GrowingColumn(),
      }
      const tagSources = new Map<string, number>()
      for (const asn of numbers) {
        const draft = drafts.get(asn) ?? {}
        const conclusion = concludeType({
          names: namesOf(draft),
          networkClass: draft.networkClass?.value ?? '',
          tags: new Set(draft.tags?.keys()),
          isListedDatacenter: draft.listed !== undefined,
          customers: graph.customersOf(asn),
        })
        const named = domainInName(draft.organization?.value ?? '')
        column.name.push(texts.id(draft.name?.value ?? ''))
        column.nameSource.push(draft.name?.source ?? 0)
        column.organization.push(texts.id(draft.organization?.value ?? ''))
        column.organizationSource.push(draft.organization?.source ?? 0)
        column.country.push(countryNumber(draft.country?.value ?? ''))
        column.countrySource.push(draft.country?.source ?? 0)
        column.domain.push(texts.id(draft.domain?.value ?? named ?? ''))
        column.domainSource.push(draft.domain?.source ?? draft.organization?.source ?? 0)
        column.type.push(conclusion === undefined ? 0 : TYPES.indexOf(conclusion.type) + 1)
        column.rule.push(texts.id(conclusion?.rule ?? ''))
        column.typeSource.push(conclusion === undefined ? 0 : sourceOfType(draft, conclusion))
        column.listed.push(draft.listed?.source ?? 0)
        let mask = 0
        for (const [tag, source] of draft.tags ?? []) {
          const bit = tags.indexOf(tag)
          if (bit >= 0) mask |= 1 << bit
          tagSources.set(tag, source)
        }
        column.tags.push(mask >>> 0)
        const key = draft.group?.value ?? `${foldName(draft.organization?.value ?? draft.name?.value ?? '')}`
        const groupKey = key === '' ? `AS${asn}` : key
        const group = groups.get(groupKey) ?? groups.size
        groups.set(groupKey, group)
        column.group.push(group)
      }
      return {
        tags: tags.map((tag) => `${tagSources.get(tag) ?? 0} ${tag}`),
        columns: new Map<string, Column>([
          ['as/number', numbers],
          ...texts.columns('as/'),
          ...Object.entries(column).map(([name, numbersOf]): [string, Column] => [
            `as/${name}`,
            narrowed(name, numbersOf.array()),
          ]),
          ...allocationColumns(allocations),
        ]),
      }
    },
  }
}

/** A name first, so that a search finds the handle before the holder. */
function namesOf({ name, organization }: Draft): readonly string[] {
  return [name?.value ?? '', organization?.value ?? ''].filter(Boolean)
}

function sourceOfType(draft: Draft, { evidence, rule }: { evidence: string; rule: string }): number {
  switch (evidence) {
    case 'tag':
      return draft.tags?.get(rule.slice('tag '.length)) ?? 0
    case 'class':
      return draft.networkClass?.source ?? 0
    case 'list':
      return draft.listed?.source ?? 0
    case 'name':
      return draft.organization?.source ?? draft.name?.source ?? 0
    default:
      return 0
  }
}

function tagNames(drafts: Iterable<Draft>): string[] {
  const names = new Set<string>()
  for (const { tags } of drafts) for (const tag of tags?.keys() ?? []) names.add(tag)
  return [...names].toSorted().slice(0, MAX_TAGS)
}

function narrowed(name: string, numbers: Uint32Array): Column {
  if (name === 'country') return Uint16Array.from(numbers)
  return name === 'type' || name === 'listed' || name.endsWith('Source') ? Uint8Array.from(numbers) : numbers
}

function allocationColumns(
  allocations: readonly { readonly row: AsAllocationRow; readonly source: number }[],
): [string, Column][] {
  const rows = allocations.toSorted((a, b) => a.row.first - b.row.first)
  return [
    ['as/allocatedFirst', Uint32Array.from(rows, ({ row }) => row.first)],
    ['as/allocatedLast', Uint32Array.from(rows, ({ row }) => row.last)],
    ['as/allocatedDay', Uint32Array.from(rows, ({ row }) => row.day)],
    ['as/allocatedCountry', Uint16Array.from(rows, ({ row }) => countryNumber(row.country))],
    ['as/allocatedAs', Uint8Array.from(rows, ({ row }) => allocationNumber(row))],
    ['as/allocatedSource', Uint8Array.from(rows, ({ source }) => source)],
  ]
}

/** Registry and status of an allocation in one number below 256. */
export function allocationNumber({
  registry,
  status,
}: {
  registry: Registry
  status: AllocationStatus
}): number {
  return REGISTRIES.indexOf(registry) * STATUSES.length + STATUSES.indexOf(status)
}

export function registrationOf(number: number, country: number, day: number): AsRegistration {
  const registry = Math.min(RIRS.length - 1, Math.floor(number / STATUSES.length))
  return {
    rir: RIRS[registry] ?? 'RIPE',
    allocatedOn: day === 0 ? undefined : formatDay(day),
    status: (STATUSES[number % STATUSES.length] ?? 'allocated').toUpperCase() as AsRegistration['status'],
    country: countryCode(country),
  }
}

/** `20250901` → `2025-09-01`. */
export function formatDay(day: number): string {
  const text = String(day).padStart(8, '0')
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
}

/** The systems of an open file. */
export interface Systems {
  readonly count: number
  numberAt(system: number): number
  /** -1 for a system that is not in the file. */
  placeOf(asn: number): number
  name(system: number): string
  organization(system: number): string
  country(system: number): string
  domain(system: number): string
  type(system: number): AsType | undefined
  rule(system: number): string
  group(system: number): number
  tags(system: number): number
  /** The source of the list of datacenters that names the whole system; 0 for none. */
  listedBy(system: number): number
  sourceOf(field: 'name' | 'organization' | 'country' | 'domain' | 'type', system: number): number
  registration(asn: number): { readonly value: AsRegistration; readonly source: number } | undefined
}

export function readSystems(columns: Columns): Systems {
  const texts = readStringTable(columns, 'as/')
  const numbers = columns.u32('as/number')
  const name = columns.u32('as/name')
  const organization = columns.u32('as/organization')
  const country = columns.u16('as/country')
  const domain = columns.u32('as/domain')
  const type = columns.u8('as/type')
  const rule = columns.u32('as/rule')
  const group = columns.u32('as/group')
  const tags = columns.u32('as/tags')
  const listed = columns.u8('as/listed')
  const sources = {
    name: columns.u8('as/nameSource'),
    organization: columns.u8('as/organizationSource'),
    country: columns.u8('as/countrySource'),
    domain: columns.u8('as/domainSource'),
    type: columns.u8('as/typeSource'),
  }
  const first = columns.u32('as/allocatedFirst')
  const last = columns.u32('as/allocatedLast')
  const day = columns.u32('as/allocatedDay')
  const allocatedCountry = columns.u16('as/allocatedCountry')
  const allocatedAs = columns.u8('as/allocatedAs')
  const allocatedSource = columns.u8('as/allocatedSource')
  return {
    count: numbers.length,
    numberAt: (system) => numbers[system] ?? 0,
    placeOf: (asn) => placeOf(numbers, asn),
    name: (system) => texts.at(name[system] ?? 0),
    organization: (system) => texts.at(organization[system] ?? 0),
    country: (system) => countryCode(country[system] ?? 0),
    domain: (system) => texts.at(domain[system] ?? 0),
    type: (system) => TYPES[(type[system] ?? 0) - 1],
    rule: (system) => texts.at(rule[system] ?? 0),
    group: (system) => group[system] ?? -1,
    tags: (system) => tags[system] ?? 0,
    listedBy: (system) => listed[system] ?? 0,
    sourceOf: (field, system) => sources[field][system] ?? 0,
    registration(asn) {
      let low = 0
      let high = first.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((first[middle] ?? 0) <= asn) low = middle + 1
        else high = middle
      }
      const place = low - 1
      if (place < 0 || (last[place] ?? 0) < asn) return undefined
      return {
        value: registrationOf(allocatedAs[place] ?? 0, allocatedCountry[place] ?? 0, day[place] ?? 0),
        source: allocatedSource[place] ?? 0,
      }
    },
  }
}
