import type { ReactNode } from 'react'
import { Button } from 'react-aria-components/Button'
import { formatCount, formatShare } from '#dash/ui/format.tsx'

export interface BarListRow {
  readonly id: string
  readonly label: string
  readonly value: number
  readonly icon?: ReactNode
}

export interface BarListProps {
  readonly label: string
  readonly rows: readonly BarListRow[]
  /** All there is, of which the rows are parts. */
  readonly total: number
  readonly onPick?: (id: string) => void
  readonly picked?: string | undefined
}

/** Values by size, each with a bar for its part of the largest; where they can be picked, the rest is left out. */
export function BarList({ label, rows, total, onPick, picked }: BarListProps) {
  const max = Math.max(1, ...rows.map(({ value }) => value))
  return (
    <ul className="bar-list" aria-label={label}>
      {rows.map((row) => {
        const content = (
          <>
            <span
              className="bar-list-bar"
              style={{ width: `${(row.value / max) * 100}%` }}
              aria-hidden="true"
            />
            {row.icon}
            <span className="bar-list-label clip">{row.label}</span>
            <span className="bar-list-share number">{formatShare(total === 0 ? 0 : row.value / total)}</span>
            <span className="bar-list-value number">{formatCount(row.value)}</span>
          </>
        )
        return (
          <li key={row.id}>
            {onPick ? (
              <Button
                className="bar-list-row"
                data-picked={picked === row.id ? '' : undefined}
                aria-pressed={picked === row.id}
                onPress={() => onPick(row.id)}
              >
                {content}
              </Button>
            ) : (
              <div className="bar-list-row">{content}</div>
            )}
          </li>
        )
      })}
    </ul>
  )
}
