import { useQuery } from '@tanstack/react-query'
import { type Health, healthQuery } from '#dash/api/operator.ts'
import { Badge, type Tone } from '#dash/ui/badge.tsx'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { FormError } from '#dash/ui/form.tsx'
import { formatBytes, formatCount, None, Time } from '#dash/ui/format.tsx'
import { Page } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { OperatorOnly } from './operator-only.tsx'

/** How the server does, now. */
export function HealthPage() {
  return (
    <OperatorOnly>
      <HealthView />
    </OperatorOnly>
  )
}

function HealthView() {
  const health = useQuery(healthQuery)
  return (
    <Page title="Health" text="How the server does. It is looked at again every five seconds.">
      <Loaded query={health}>
        {(data) => (
          <div className="stack" data-gap="large">
            {data.spool.problem !== null && <FormError error={new Error(data.spool.problem)} />}
            <dl className="figure-row">
              <Figure name="Up for" value={duration(data.uptime_s)} note={`Version ${data.version}`} />
              <Figure name="Memory" value={formatBytes(data.memory_bytes)} />
              <Figure
                name="Database"
                value={
                  data.database.size_bytes === null ? 'Not known' : formatBytes(data.database.size_bytes)
                }
                note={data.database.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'}
              />
              <Figure
                name="Clicks not stored yet"
                value={formatBytes(data.spool.waiting_bytes)}
                note={data.spool.lag_s > 0 ? `${duration(data.spool.lag_s)} behind` : 'Up to date'}
              />
            </dl>
            <section className="stack" data-gap="small">
              <h2 className="section-title">Mails and webhooks</h2>
              <dl className="figure-row">
                <Figure
                  name="Waiting"
                  value={formatCount(data.deliveries.waiting)}
                  note={
                    data.deliveries.oldest_s > 0
                      ? `The first is ${duration(data.deliveries.oldest_s)} late`
                      : 'None is late'
                  }
                />
                <Figure name="Held" value={formatCount(data.deliveries.held)} note="Of paused webhooks" />
                <Figure
                  name="Failed"
                  value={formatCount(data.deliveries.failed_24h)}
                  note="In the last 24 hours"
                />
              </dl>
            </section>
            <section className="stack" data-gap="small">
              <h2 className="section-title">Tasks</h2>
              <DataTable
                label="Tasks"
                columns={COLUMNS}
                rows={data.tasks}
                rowId={({ name }) => name}
                empty={<p className="soft table-empty">No task has run yet.</p>}
              />
            </section>
          </div>
        )}
      </Loaded>
    </Page>
  )
}

interface FigureProps {
  readonly name: string
  readonly value: string
  readonly note?: string
}

function Figure({ name, value, note }: FigureProps) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {note !== undefined && (
        <dd className="figure-note">
          <small>{note}</small>
        </dd>
      )}
    </div>
  )
}

type Task = Health['tasks'][number]

const OUTCOMES: Readonly<
  Record<NonNullable<Task['outcome']>, { readonly label: string; readonly tone: Tone }>
> = {
  running: { label: 'Running', tone: 'accent' },
  done: { label: 'Done', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
  stopped: { label: 'Stopped', tone: 'neutral' },
  lost: { label: 'Cut short', tone: 'warn' },
}

const COLUMNS: readonly Column<Task>[] = [
  {
    id: 'task',
    name: 'Task',
    isHeader: true,
    cell: ({ name, problem }) => (
      <div className="two-lines">
        <span>{name.replaceAll('-', ' ')}</span>
        {problem !== null && <span className="tone-bad data-problem">{problem}</span>}
      </div>
    ),
  },
  {
    id: 'outcome',
    name: 'Outcome',
    isNarrow: true,
    phone: 'corner',
    cell: ({ outcome }) =>
      outcome === null ? <None /> : <Badge tone={OUTCOMES[outcome].tone}>{OUTCOMES[outcome].label}</Badge>,
  },
  {
    id: 'last',
    name: 'Last run',
    isNarrow: true,
    phone: 'inline',
    phoneLabel: 'Last',
    cell: ({ last_run: at }) => (at === null ? <span className="faint">never</span> : <Time at={at} />),
  },
  {
    id: 'next',
    name: 'Next run',
    isNarrow: true,
    phone: 'inline',
    phoneLabel: 'Next',
    cell: ({ next_at: at }) => (at === null ? <None /> : <Time at={at} />),
  },
]

/** `3 d 4 h`, `12 min`, `8 s`. */
function duration(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor((seconds % 86_400) / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  if (days > 0) return `${days} d ${hours} h`
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`
}
