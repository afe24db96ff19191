import { Network } from 'lucide-react'
import { useState } from 'react'
import type { AsAnswer, LookupMode, NeighbourCounts, Neighbours } from '#dash/api/lookup.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { Button } from '#dash/ui/button.tsx'
import { CopyButton } from '#dash/ui/copy.tsx'
import { type Fact, Facts } from '#dash/ui/facts.tsx'
import { SearchField } from '#dash/ui/fields.tsx'
import { countryName, formatCount, formatDay, plural } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Segments } from '#dash/ui/segments.tsx'
import { EmptyState } from '#dash/ui/states.tsx'
import { Tabs } from '#dash/ui/tabs.tsx'
import { AsGraph } from './as-graph.tsx'
import { AsTable } from './match-results.tsx'

type Version = 'ipv4' | 'ipv6'

const RELATIONS = [
  { id: 'upstreams', label: 'Upstreams' },
  { id: 'peers', label: 'Peers' },
  { id: 'customers', label: 'Customers' },
] as const

/** An autonomous system, its neighbours and what it announces. */
export function AsResult({ answer, mode }: { readonly answer: AsAnswer; readonly mode: LookupMode }) {
  const { as, neighbours, graph } = answer
  const [version, setVersion] = useState<Version>(neighbours.ipv4 === null ? 'ipv6' : 'ipv4')
  const shown = neighbours[version]
  return (
    <div className="stack" data-gap="large">
      <AsHead answer={answer} />
      {neighbours.ipv4 === null && neighbours.ipv6 === null ? (
        <Card title="Neighbours">
          <EmptyState
            icon={<Network size={24} />}
            title="Relationships are not loaded"
            text="Who connects to whom comes from CAIDA’s files, which whoever runs this server loads with “onehop data update”."
          />
        </Card>
      ) : (
        <Card
          title="Neighbours"
          text="Above, who it buys from; beside, who it exchanges with; below, who buys from it."
          actions={
            <Segments<Version>
              label="Version of IP"
              value={version}
              onChange={setVersion}
              segments={[
                { id: 'ipv4', label: 'IPv4' },
                { id: 'ipv6', label: 'IPv6' },
              ]}
            />
          }
        >
          {shown === null ? (
            <p className="soft">Relationships of this version are not loaded.</p>
          ) : (
            <div className="stack" data-gap="large">
              <Counts neighbours={shown} counts={graph[version]} />
              <AsGraph as={as} neighbours={shown} mode={mode} />
              <NeighbourLists key={`${as.asn} ${version}`} neighbours={shown} mode={mode} />
            </div>
          )}
        </Card>
      )}
      {answer.prefixes && <Prefixes prefixes={answer.prefixes} />}
    </div>
  )
}

function AsHead({ answer: { as, source } }: { readonly answer: AsAnswer }) {
  const facts: readonly Fact[] = [
    ['Registered in', as.country ? countryName(as.country) : null],
    ['Registry', as.rir],
    ['Given out', as.allocated ? formatDay(as.allocated) : null],
    ['Status', as.status?.toLowerCase()],
    ['Domain', as.domain],
    ['Relationships', source],
  ]
  return (
    <Card
      title={
        <span className="lookup-title">
          {as.organization || as.name || `AS${as.asn}`}
          <CopyButton text={`AS${as.asn}`} what="number" />
        </span>
      }
    >
      <div className="stack">
        <div className="tag-list">
          <Badge tone="accent">AS{as.asn}</Badge>
          {as.name !== '' && <Badge>{as.name}</Badge>}
          {as.type ? <Badge>{as.type.toLowerCase()}</Badge> : null}
          {as.tags?.map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </div>
        <Facts facts={facts} />
      </div>
    </Card>
  )
}

interface CountsProps {
  readonly neighbours: Neighbours
  readonly counts: NeighbourCounts | null
}

function Counts({ neighbours, counts }: CountsProps) {
  return (
    <dl className="figure-row">
      {RELATIONS.map(({ id, label }) => (
        <div key={id} className="figure">
          <dt>{label}</dt>
          <dd>{formatCount(counts?.[id] ?? neighbours[id].length)}</dd>
        </div>
      ))}
      {typeof counts?.cone === 'number' && (
        <div className="figure">
          <dt>Customer cone</dt>
          <dd>{formatCount(counts.cone)}</dd>
        </div>
      )}
    </dl>
  )
}

interface NeighbourListsProps {
  readonly neighbours: Neighbours
  readonly mode: LookupMode
}

const FIRST_ROWS = 25

function NeighbourLists({ neighbours, mode }: NeighbourListsProps) {
  const first = RELATIONS.find(({ id }) => neighbours[id].length > 0)?.id ?? 'upstreams'
  const [relation, setRelation] = useState<(typeof RELATIONS)[number]['id']>(first)
  const [search, setSearch] = useState('')
  const [rows, setRows] = useState(FIRST_ROWS)
  const words = search.trim().toLowerCase()
  const found = neighbours[relation].filter(({ asn, name, organization }) =>
    `as${asn} ${name} ${organization}`.toLowerCase().includes(words),
  )
  const list = () => (
    <div className="stack">
      {neighbours[relation].length > FIRST_ROWS && (
        <div className="lookup-filter">
          <SearchField label={`Search ${relation}`} value={search} onChange={setSearch} />
        </div>
      )}
      <AsTable
        label={relation}
        systems={found.slice(0, rows)}
        mode={mode}
        foot={
          found.length > rows
            ? `${rows} of ${plural(found.length, 'network')}`
            : plural(found.length, 'network')
        }
        empty={
          <p className="soft table-empty">
            {words === '' ? `No ${relation} are known.` : 'None is called that.'}
          </p>
        }
      />
      {found.length > rows && (
        <span>
          <Button size="small" onPress={() => setRows(rows + 4 * FIRST_ROWS)}>
            Show more
          </Button>
        </span>
      )}
    </div>
  )
  return (
    <Tabs
      label="Neighbours"
      value={relation}
      onChange={(next) => {
        setRelation(next)
        setSearch('')
        setRows(FIRST_ROWS)
      }}
      tabs={RELATIONS.map(({ id, label }) => ({
        id,
        label: `${label} (${formatCount(neighbours[id].length)})`,
        content: list,
      }))}
    />
  )
}

const FIRST_PREFIXES = 60

function Prefixes({ prefixes }: { readonly prefixes: NonNullable<AsAnswer['prefixes']> }) {
  const all = [...prefixes.ipv4, ...prefixes.ipv6]
  const [isWhole, setWhole] = useState(false)
  if (all.length === 0)
    return (
      <Card title="Prefixes">
        <p className="soft">It is not known to announce any.</p>
      </Card>
    )
  return (
    <Card
      title="Prefixes"
      text={`It announces ${plural(prefixes.total ?? all.length, 'prefix', 'prefixes')}: ${formatCount(prefixes.ipv4.length)} of IPv4 and ${formatCount(prefixes.ipv6.length)} of IPv6${prefixes.total !== undefined && prefixes.total > all.length ? ' are listed' : ''}.`}
      actions={<CopyButton text={all.join('\n')} what="prefixes" />}
    >
      <div className="stack">
        <ul className="prefix-list">
          {(isWhole ? all : all.slice(0, FIRST_PREFIXES)).map((prefix) => (
            <li key={prefix}>
              <code>{prefix}</code>
            </li>
          ))}
        </ul>
        {!isWhole && all.length > FIRST_PREFIXES && (
          <span>
            <Button size="small" onPress={() => setWhole(true)}>
              Show all {formatCount(all.length)}
            </Button>
          </span>
        )}
      </div>
    </Card>
  )
}
