import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { breakdownQuery, type Dimension } from '#dash/api/reports.ts'
import { BarList } from '#dash/charts/bar-list.tsx'
import { Button } from '#dash/ui/button.tsx'
import { plural } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Segments } from '#dash/ui/segments.tsx'
import { Loaded, SkeletonRows } from '#dash/ui/states.tsx'
import { DIMENSION_NAMES, rowName } from './dimension-text.ts'
import type { ReportChoice } from './report-choice.ts'

export interface BreakdownCardProps {
  readonly title: string
  /** One or several to choose from. */
  readonly dimensions: readonly [Dimension, ...Dimension[]]
  readonly choice: ReportChoice
}

const SHOWN = 6
const SHOWN_MORE = 50

/** The most frequent values of a dimension; pressing one leaves only its clicks. */
export function BreakdownCard({ title, dimensions, choice }: BreakdownCardProps) {
  const [dimension, setDimension] = useState(dimensions[0])
  const [, navigate] = useLocation()
  const [showsMore, setShowsMore] = useState(false)
  const query = useQuery(breakdownQuery(choice.scope, dimension, showsMore ? SHOWN_MORE : SHOWN))
  return (
    <Card
      title={title}
      actions={
        dimensions.length > 1 && (
          <Segments
            label={`${title} by`}
            value={dimension}
            onChange={(id) => {
              setDimension(id)
              setShowsMore(false)
            }}
            segments={dimensions.map((id) => ({ id, label: DIMENSION_NAMES[id] }))}
          />
        )
      }
    >
      <Loaded query={query} skeleton={<SkeletonRows rows={SHOWN} />}>
        {({ data, other }) => {
          const total = other + data.reduce((sum, { clicks }) => sum + clicks, 0)
          if (total === 0) return <p className="faint">Nothing in this time.</p>
          return (
            <div className="stack" data-gap="small">
              <BarList
                label={title}
                total={total}
                rows={data.map((row) => ({
                  id: row.value,
                  label: rowName(dimension, row),
                  value: row.clicks,
                  ...(dimension === 'country' &&
                    row.value !== '' && { icon: <span className="bar-list-flag">{row.value}</span> }),
                }))}
                picked={choice.scope.filters[dimension]}
                onPick={(value) =>
                  dimension === 'link' ? navigate(`/app/links/${value}`) : choice.toggle(dimension, value)
                }
              />
              {(other > 0 || showsMore) && (
                <div className="button-row bar-list-more">
                  <Button size="small" variant="quiet" onPress={() => setShowsMore(!showsMore)}>
                    {showsMore ? 'Show less' : `Show more (${plural(other, 'click')})`}
                  </Button>
                </div>
              )}
            </div>
          )
        }}
      </Loaded>
    </Card>
  )
}
