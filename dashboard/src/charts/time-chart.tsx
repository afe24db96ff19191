import { scaleLinear } from 'd3-scale'
import { type KeyboardEvent, type PointerEvent, useState } from 'react'
import { formatCompact, plural } from '#dash/ui/format.tsx'
import { useWidth } from './use-width.ts'

export interface TimeChartProps {
  /** What is counted, such as `click`. */
  readonly noun: string
  readonly periods: readonly { readonly start: string; readonly value: number }[]
  readonly unit: 'minute' | 'hour' | 'day' | 'week' | 'month'
  readonly height?: number
}

const TICKS = 4
const LEFT = 38
const BOTTOM = 26
const TOP = 8
/** No tick is nearer to the next than this. */
const LABEL_WIDTH = 74
const MAX_BAR_WIDTH = 44

/** A bar for each period; the one pointed at, or chosen with the arrow keys, is read out. */
export function TimeChart({ noun, periods, unit, height = 240 }: TimeChartProps) {
  const [frame, width] = useWidth<HTMLDivElement>()
  const [active, setActive] = useState<number>()
  const max = Math.max(1, ...periods.map(({ value }) => value))
  const total = periods.reduce((sum, { value }) => sum + value, 0)
  const y = scaleLinear([0, max], [height - BOTTOM, TOP]).nice(TICKS)
  const step = Math.max(0, width - LEFT) / Math.max(1, periods.length)
  const bar = Math.max(1, Math.min(MAX_BAR_WIDTH, step * (step < 6 ? 0.86 : 0.72)))
  const labelEvery = Math.max(1, Math.ceil(LABEL_WIDTH / Math.max(step, 0.01)))
  const left = (index: number) => LEFT + index * step + (step - bar) / 2
  const shown = active === undefined ? undefined : periods[active]

  const point = (event: PointerEvent<SVGSVGElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT
    const index = Math.floor(x / step)
    setActive(index >= 0 && index < periods.length ? index : undefined)
  }
  const press = (event: KeyboardEvent) => {
    const last = periods.length - 1
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
    if (by === 0) return
    event.preventDefault()
    setActive((current) => Math.min(last, Math.max(0, (current ?? (by > 0 ? -1 : last + 1)) + by)))
  }
  return (
    <div ref={frame} className="time-chart" style={{ height }}>
      {width > 0 && (
        <svg
          width={width}
          height={height}
          role="img"
          tabIndex={0}
          aria-label={`${plural(total, noun)}, by ${unit}. Arrow keys go through them.`}
          onPointerMove={point}
          onPointerLeave={() => setActive(undefined)}
          onKeyDown={press}
          onBlur={() => setActive(undefined)}
        >
          {y
            .ticks(TICKS)
            .filter(Number.isInteger)
            .map((tick) => (
              <g key={tick} transform={`translate(0 ${y(tick)})`}>
                <line x1={LEFT} x2={width} className="chart-grid" />
                <text x={LEFT - 8} dy="0.32em" className="chart-label" textAnchor="end">
                  {formatCompact(tick)}
                </text>
              </g>
            ))}
          {periods.map(({ start, value }, index) => (
            <g key={start}>
              {index === active && (
                <rect
                  x={LEFT + index * step}
                  y={TOP}
                  width={step}
                  height={height - BOTTOM - TOP}
                  className="chart-band"
                />
              )}
              {value > 0 && (
                <path
                  d={column(left(index), y(value), bar, height - BOTTOM)}
                  className="chart-bar"
                  data-active={index === active ? '' : undefined}
                  data-now={index === periods.length - 1 ? '' : undefined}
                />
              )}
              {(periods.length - 1 - index) % labelEvery === 0 && LEFT + (index + 0.5) * step > LEFT + 8 && (
                <text
                  x={Math.min(LEFT + (index + 0.5) * step, width - 24)}
                  y={height - 7}
                  className="chart-label"
                  textAnchor="middle"
                >
                  {tickText(start, unit)}
                </text>
              )}
            </g>
          ))}
        </svg>
      )}
      {shown !== undefined && active !== undefined && (
        <div
          className="chart-tip"
          style={{
            left: Math.min(Math.max(left(active) + bar / 2, 80), width - 80),
            top: Math.max(0, y(shown.value) - 58),
          }}
          role="status"
        >
          <strong>{plural(shown.value, noun)}</strong>
          <span>{periodText(shown.start, unit)}</span>
        </div>
      )}
      <table className="visually-hidden">
        <caption>{noun}s over time</caption>
        <tbody>
          {periods.map(({ start, value }) => (
            <tr key={start}>
              <th scope="row">{periodText(start, unit)}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function column(x: number, top: number, width: number, bottom: number): string {
  const radius = Math.min(3, width / 2, bottom - top)
  return `M${x} ${bottom}V${top + radius}Q${x} ${top} ${x + radius} ${top}H${x + width - radius}Q${x + width} ${top} ${x + width} ${top + radius}V${bottom}Z`
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const TIME_OF_DAY = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
})
// Days, weeks and months are the server's, which are those of UTC: in another zone they would begin on the day before.
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' })
const FULL_DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeZone: 'UTC' })
const MONTH = new Intl.DateTimeFormat(undefined, { month: 'short', timeZone: 'UTC' })
const FULL_MONTH = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' })

function tickText(start: string, unit: TimeChartProps['unit']): string {
  const at = new Date(start)
  if (unit === 'month') return MONTH.format(at)
  return unit === 'minute' || unit === 'hour' ? TIME.format(at) : DAY.format(at)
}

function periodText(start: string, unit: TimeChartProps['unit']): string {
  const at = new Date(start)
  switch (unit) {
    case 'minute':
    case 'hour':
      return TIME_OF_DAY.format(at)
    case 'day':
      return FULL_DAY.format(at)
    case 'week':
      return `Week of ${DAY.format(at)}`
    case 'month':
      return FULL_MONTH.format(at)
  }
}
