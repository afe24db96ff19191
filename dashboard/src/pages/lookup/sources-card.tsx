import type { SourceReport } from '#dash/api/lookup.ts'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { countryName, formatDay, None } from '#dash/ui/format.tsx'

/** What each geo database says, side by side: they need not agree. */
export function SourcesCard({ sources }: { readonly sources: Readonly<Record<string, SourceReport>> }) {
  return (
    <section className="stack" data-gap="small">
      <h2 className="section-title">Where it is, by each database</h2>
      <DataTable
        label="Databases"
        columns={COLUMNS}
        rows={Object.entries(sources)}
        rowId={([name]) => name}
        empty={null}
      />
    </section>
  )
}

type Row = readonly [name: string, report: SourceReport]

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'source',
    name: 'Database',
    isHeader: true,
    cell: ([name, { as_of: date, license }]) => (
      <div className="two-lines">
        <span>{name}</span>
        <span className="small faint">
          {[date ? formatDay(date) : null, license].filter(Boolean).join(' · ')}
        </span>
      </div>
    ),
  },
  {
    id: 'place',
    name: 'Place',
    phone: 'line',
    cell: ([, { geo }]) => {
      const place = [geo.city, geo.region, geo.country ? countryName(geo.country) : null].filter(Boolean)
      return place.length === 0 ? <span className="faint">not known</span> : [...new Set(place)].join(', ')
    },
  },
  {
    id: 'coordinates',
    name: 'Coordinates',
    isNarrow: true,
    phone: 'hide',
    cell: ([, { geo }]) =>
      geo.latitude === undefined || geo.longitude === undefined ? (
        <None />
      ) : (
        <code>
          {geo.latitude.toFixed(2)}, {geo.longitude.toFixed(2)}
        </code>
      ),
  },
  {
    id: 'network',
    name: 'Network',
    phone: 'line',
    cell: ([, { network }]) =>
      network.asn === null ? (
        <None />
      ) : (
        <span>
          AS{network.asn} <span className="soft">{network.org}</span>
        </span>
      ),
  },
]
