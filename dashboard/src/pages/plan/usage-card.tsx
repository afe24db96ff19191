import { useQuery } from '@tanstack/react-query'
import { METRIC_LABELS, type MetricUsage, usageQuery } from '#dash/api/billing.ts'
import { formatBytes, formatCount } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Meter } from '#dash/ui/progress.tsx'
import { Loaded } from '#dash/ui/states.tsx'

const month = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** What is used of the plan this month. */
export function UsageCard() {
  const usage = useQuery(usageQuery)
  return (
    <Card
      title="Usage"
      text={
        usage.data === undefined
          ? undefined
          : `In ${month.format(new Date(`${usage.data.month}-01T00:00:00Z`))}, counted in UTC. Files are those there are now.`
      }
    >
      <Loaded query={usage}>
        {({ metrics }) => (
          <div className="usage-meters">
            {metrics.map((metric) => (
              <UsageMeter key={metric.metric} usage={metric} />
            ))}
          </div>
        )}
      </Loaded>
    </Card>
  )
}

/** One bar; one without a limit, or that the plan does not have, is a line alone. */
export function UsageMeter({ usage }: { readonly usage: MetricUsage }) {
  const { metric, used, limit, bought, over } = usage
  const format = metric === 'file_bytes' ? formatBytes : formatCount
  if (limit === null || (limit === 0 && used === 0))
    return (
      <div className="progress">
        <span className="progress-line">
          <span>{METRIC_LABELS[metric]}</span>
          <span className="number soft">
            {limit === null ? `${format(used)}, unlimited` : 'Not in this plan'}
          </span>
        </span>
      </div>
    )
  return (
    <div className="stack" data-gap="small">
      <Meter
        label={METRIC_LABELS[metric]}
        value={used}
        max={limit}
        valueText={`${format(used)} of ${format(limit)}`}
      />
      {(bought > 0 || over > 0) && (
        <span className="small faint">
          {[
            over > 0 ? `${format(over)} over the limit` : null,
            bought > 0 ? `${format(bought)} bought are left` : null,
          ]
            .filter(Boolean)
            .join(', ')}
        </span>
      )}
    </div>
  )
}
