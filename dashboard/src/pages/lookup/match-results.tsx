import { Radar } from 'lucide-react'
import { Link } from 'react-aria-components/Link'
import type { AsBrief, LookupMode, NameAnswer, PrefixAnswer } from '#dash/api/lookup.ts'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { countryName, plural } from '#dash/ui/format.tsx'
import { EmptyState } from '#dash/ui/states.tsx'
import { lookupHref } from './lookup-href.ts'

/** Systems whose names match. */
export function NameResult({ answer, mode }: { readonly answer: NameAnswer; readonly mode: LookupMode }) {
  const { results, total = results.length, query } = answer
  return (
    <AsTable
      label={`Networks called ${query}`}
      systems={results}
      mode={mode}
      foot={
        total > results.length
          ? `The first ${results.length} of ${plural(total, 'network')}`
          : plural(total, 'network')
      }
      empty={
        <EmptyState
          icon={<Radar size={24} />}
          title="No network is called that"
          text="Try a shorter part of the name, or its number if you know it."
        />
      }
    />
  )
}

export interface AsTableProps {
  readonly label: string
  readonly systems: readonly AsBrief[]
  readonly mode: LookupMode
  readonly foot?: string
  readonly empty: React.ReactNode
}

/** Autonomous systems; a press on one looks it up. */
export function AsTable({ label, systems, mode, foot, empty }: AsTableProps) {
  return (
    <DataTable
      label={label}
      columns={AS_COLUMNS}
      rows={systems}
      rowId={({ asn }) => String(asn)}
      rowHref={({ asn }) => lookupHref(`AS${asn}`, mode)}
      foot={foot}
      empty={empty}
    />
  )
}

const AS_COLUMNS: readonly Column<AsBrief>[] = [
  {
    id: 'name',
    name: 'Network',
    isHeader: true,
    cell: ({ asn, name, organization }) => (
      <div className="two-lines">
        <span className="clip">{organization || name || `AS${asn}`}</span>
        <span className="small faint clip">{name}</span>
      </div>
    ),
  },
  {
    id: 'country',
    name: 'Registered in',
    isNarrow: true,
    phone: 'line',
    cell: ({ country }) =>
      country ? <span className="soft">{countryName(country)}</span> : <span className="faint">unknown</span>,
  },
  {
    id: 'asn',
    name: 'Number',
    isNarrow: true,
    align: 'end',
    phone: 'corner',
    cell: ({ asn }) => <code>AS{asn}</code>,
  },
]

/** Networks in a prefix, and who announces them. */
export function PrefixResult({ answer, mode }: { readonly answer: PrefixAnswer; readonly mode: LookupMode }) {
  const { results, total = results.length, query } = answer
  const columns: readonly Column<PrefixAnswer['results'][number]>[] = [
    {
      id: 'prefix',
      name: 'Prefix',
      isHeader: true,
      isNarrow: true,
      cell: ({ prefix }) => <code>{prefix}</code>,
    },
    {
      id: 'origins',
      name: 'Announced by',
      phone: 'line',
      cell: ({ origins }) => (
        <span className="tag-list">
          {origins.map(({ asn, organization, name }) => (
            <Link key={asn} href={lookupHref(`AS${asn}`, mode)} className="origin-link">
              <code>AS{asn}</code> {organization || name}
            </Link>
          ))}
        </span>
      ),
    },
    {
      id: 'range',
      name: 'Addresses',
      phone: 'hide',
      cell: ({ first, last }) => (
        <code className="faint">
          {first} – {last}
        </code>
      ),
    },
  ]
  return (
    <DataTable
      label={`Networks in ${query}`}
      columns={columns}
      rows={results}
      rowId={({ prefix }) => prefix}
      foot={plural(total, 'prefix', 'prefixes')}
      empty={
        <EmptyState
          icon={<Radar size={24} />}
          title="Nothing of it is announced"
          text="No loaded source knows a network in this prefix."
        />
      }
    />
  )
}
