import { useQuery } from '@tanstack/react-query'
import { Download, X } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { breakdownQuery, seriesFileUrl, seriesQuery, totalQuery } from '#dash/api/reports.ts'
import { BarList } from '#dash/charts/bar-list.tsx'
import { TimeChart } from '#dash/charts/time-chart.tsx'
import { Attribution } from '#dash/ui/attribution.tsx'
import { LinkButton } from '#dash/ui/button.tsx'
import { Switch } from '#dash/ui/fields.tsx'
import { formatCount } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Segments } from '#dash/ui/segments.tsx'
import { Loaded, Skeleton, SkeletonRows } from '#dash/ui/states.tsx'
import { BreakdownCard } from './breakdown-card.tsx'
import { DIMENSION_NAMES, rowName, valueName } from './dimension-text.ts'
import { LiveFeed } from './live-feed.tsx'
import { RANGES, type ReportChoice, useReportChoice } from './report-choice.ts'

// The outlines of the world are most of what this page weighs.
const WorldMap = lazy(() => import('#dash/charts/world-map.tsx').then((m) => ({ default: m.WorldMap })))

const COUNTRIES = 200
const LISTED_COUNTRIES = 6

/** Everything that is known of clicks: of one link, or of all of the team's. */
export function Report({ link }: { readonly link?: string }) {
  const choice = useReportChoice(link)
  const { scope } = choice
  return (
    <div className="stack">
      <Controls choice={choice} />
      <Figures choice={choice} />
      <Series choice={choice} />
      <div className="report-places">
        <Places choice={choice} />
        <LiveFeed {...(link !== undefined && { link })} />
      </div>
      <div className="columns">
        {link === undefined && <BreakdownCard title="Links" dimensions={['link']} choice={choice} />}
        <BreakdownCard title="Referrers" dimensions={['referrer']} choice={choice} />
        <BreakdownCard title="Places" dimensions={['city', 'region', 'language']} choice={choice} />
        <BreakdownCard title="Networks" dimensions={['as', 'network']} choice={choice} />
        <BreakdownCard
          title="Devices"
          dimensions={['device', 'browser', 'operating_system']}
          choice={choice}
        />
        <BreakdownCard
          title="Campaigns"
          dimensions={['utm_source', 'utm_medium', 'utm_campaign']}
          choice={choice}
        />
      </div>
      <div className="report-foot">
        <LinkButton href={seriesFileUrl(scope)} size="small" icon={<Download size={15} />} download>
          Clicks as CSV
        </LinkButton>
        <Attribution />
      </div>
    </div>
  )
}

function Controls({ choice }: { readonly choice: ReportChoice }) {
  const filters = Object.entries(choice.scope.filters)
  return (
    <div className="report-controls">
      <Segments
        label="Time"
        value={choice.range}
        onChange={choice.setRange}
        segments={RANGES.map(({ id, label }) => ({ id, label }))}
      />
      <Switch isSelected={choice.withBots} onChange={choice.setWithBots}>
        Bots
      </Switch>
      {filters.length > 0 && (
        <div className="tag-list report-filters" role="group" aria-label="Filters">
          {filters.map(([name, value]) => {
            // The names of the filters are dimensions.
            const dimension = name as keyof typeof DIMENSION_NAMES
            const text = `${DIMENSION_NAMES[dimension]}: ${valueName(dimension, value)}`
            return (
              <span key={name} className="tag">
                {text}
                <button
                  type="button"
                  aria-label={`Remove ${text}`}
                  onClick={() => choice.toggle(dimension, value)}
                >
                  <X size={12} aria-hidden="true" />
                </button>
              </span>
            )
          })}
          {filters.length > 1 && (
            <button type="button" className="tag tag-button" onClick={choice.clear}>
              Remove all
            </button>
          )}
        </div>
      )}
    </div>
  )
}

function Figures({ choice }: { readonly choice: ReportChoice }) {
  const total = useQuery(totalQuery(choice.scope))
  const scans = useQuery(totalQuery({ ...choice.scope, kind: 'scans' }))
  return (
    <dl className="figure-row">
      <Figure name="Clicks" value={total.data?.clicks} />
      {total.data?.visitors !== undefined && <Figure name="Visitors" value={total.data.visitors} />}
      <Figure name="QR scans" value={scans.data?.clicks} note="among the clicks" />
    </dl>
  )
}

interface FigureProps {
  readonly name: string
  readonly value: number | undefined
  readonly note?: string
}

function Figure({ name, value, note }: FigureProps) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        {value === undefined ? <Skeleton width="70px" height="28px" /> : formatCount(value)}{' '}
        {note !== undefined && <small>{note}</small>}
      </dd>
    </div>
  )
}

function Series({ choice }: { readonly choice: ReportChoice }) {
  const series = useQuery(seriesQuery(choice.scope))
  return (
    <Card title="Clicks over time">
      <Loaded query={series} skeleton={<Skeleton height="240px" />}>
        {({ unit, data }) => (
          <TimeChart
            noun="click"
            unit={unit}
            periods={data.map(({ start, clicks }) => ({ start, value: clicks }))}
          />
        )}
      </Loaded>
    </Card>
  )
}

function Places({ choice }: { readonly choice: ReportChoice }) {
  const countries = useQuery(breakdownQuery(choice.scope, 'country', COUNTRIES))
  const pick = (country: string) => choice.toggle('country', country)
  const picked = choice.scope.filters.country
  return (
    <Card title="Countries">
      <Loaded query={countries} skeleton={<SkeletonRows rows={8} />}>
        {({ data, other }) => {
          const total = other + data.reduce((sum, { clicks }) => sum + clicks, 0)
          return (
            <div className="report-map">
              <Suspense fallback={<Skeleton height="280px" />}>
                <WorldMap
                  noun="click"
                  values={new Map(data.map(({ value, clicks }) => [value, clicks]))}
                  onPick={pick}
                  picked={picked}
                />
              </Suspense>
              {total === 0 ? (
                <p className="faint">Nothing in this time.</p>
              ) : (
                <BarList
                  label="Countries"
                  total={total}
                  picked={picked}
                  onPick={pick}
                  rows={data.slice(0, LISTED_COUNTRIES).map((row) => ({
                    id: row.value,
                    label: rowName('country', row),
                    value: row.clicks,
                    icon: <span className="bar-list-flag">{row.value || '?'}</span>,
                  }))}
                />
              )}
            </div>
          )
        }}
      </Loaded>
    </Card>
  )
}
