import { ScrollText } from 'lucide-react'
import type { ReactNode } from 'react'
import type { AuditEvent } from '#dash/api/audit.ts'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { formatBytes, formatInstant, None, Time } from '#dash/ui/format.tsx'
import { EmptyState } from '#dash/ui/states.tsx'

export interface AuditTableProps {
  readonly events: readonly AuditEvent[]
  /** Of whom it is of more than one team. */
  readonly hasTeams?: boolean
  readonly hasMore: boolean
  readonly isLoadingMore: boolean
  readonly onLoadMore: () => void
  readonly empty?: ReactNode
}

/** Who changed what, the latest first. */
export function AuditTable({ events, hasTeams = false, empty, ...more }: AuditTableProps) {
  return (
    <DataTable
      label="Audit log"
      columns={hasTeams ? COLUMNS : COLUMNS.filter(({ id }) => id !== 'team')}
      rows={events}
      rowId={({ id }) => String(id)}
      {...more}
      empty={
        empty ?? (
          <EmptyState
            icon={<ScrollText size={24} />}
            title="Nothing was changed yet"
            text="Changes of keys, members, webhooks, files, links and the plan are written down here for 400 days."
          />
        )
      }
    />
  )
}

const COLUMNS: readonly Column<AuditEvent>[] = [
  {
    id: 'action',
    name: 'What',
    isHeader: true,
    cell: ({ action, subject }) => (
      <div className="two-lines">
        <span>{actionText(action)}</span>
        <span className="small faint break-anywhere">{subject}</span>
      </div>
    ),
  },
  {
    id: 'changes',
    name: 'Changes',
    phone: 'line',
    cell: ({ changes }) => <Changes changes={changes} />,
  },
  {
    id: 'actor',
    name: 'Who',
    phone: 'line',
    cell: ({ actor, ip }) => (
      <div className="two-lines audit-who">
        <span className="break-anywhere">{actor?.email ?? 'The server'}</span>
        <span className="small faint">
          {[actor?.key ? `with the key “${actor.key}”` : null, ip].filter(Boolean).join(', ')}
        </span>
      </div>
    ),
  },
  {
    id: 'team',
    name: 'Team',
    phone: 'inline',
    phoneLabel: 'Team',
    cell: ({ team }) => (team === null ? <None /> : (team.name ?? <span className="faint">deleted</span>)),
  },
  {
    id: 'at',
    name: 'When',
    isNarrow: true,
    phone: 'inline',
    cell: ({ at }) => <Time at={at} />,
  },
]

/** `link.updated` as `Link updated`. */
export function actionText(action: string): string {
  const text = action.replace('qr-code', 'QR code').replaceAll(/[.-]/g, ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function Changes({ changes }: { readonly changes: AuditEvent['changes'] }) {
  const entries = Object.entries(changes)
  if (entries.length === 0) return <None />
  return (
    <ul className="audit-changes">
      {entries.map(([field, { from, to }]) => (
        <li key={field}>
          <span className="soft">{fieldText(field)}</span>{' '}
          {from !== null && from !== undefined && <del>{valueText(field, from)}</del>}{' '}
          {to === null || to === undefined ? (
            <span className="faint">none</span>
          ) : (
            <ins>{valueText(field, to)}</ins>
          )}
        </li>
      ))}
    </ul>
  )
}

/** `sizeBytes` as `size`: what it is measured in is said by its value. */
function fieldText(field: string): string {
  return field
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
    .replace(/ (?:bytes|px|cents)$/, '')
}

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

function valueText(field: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value === 'number' && /bytes$/i.test(field)) return formatBytes(value)
  if (typeof value === 'number' && /px$/i.test(field)) return `${value} px`
  if (typeof value === 'number' && /cents$/i.test(field)) return (value / 100).toFixed(2)
  if (typeof value === 'string' && INSTANT.test(value)) return formatInstant(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
