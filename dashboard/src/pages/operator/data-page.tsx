import { useQuery } from '@tanstack/react-query'
import { Database, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { type DataSource, networkDataQuery, useUpdateData } from '#dash/api/operator.ts'
import { Badge, type Tone } from '#dash/ui/badge.tsx'
import { Button } from '#dash/ui/button.tsx'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { FormError } from '#dash/ui/form.tsx'
import { formatBytes, formatCount, formatDay, None, plural, Time } from '#dash/ui/format.tsx'
import { Page } from '#dash/ui/page.tsx'
import { Progress } from '#dash/ui/progress.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { TermsCard } from './data-terms.tsx'
import { OperatorOnly } from './operator-only.tsx'

/** What lookups and reports are answered from, and how old it is. */
export function DataPage() {
  return (
    <OperatorOnly>
      <NetworkData />
    </OperatorOnly>
  )
}

function NetworkData() {
  const data = useQuery(networkDataQuery)
  const update = useUpdateData()
  const [isAll, setAll] = useState(false)
  const isUpdating = data.data?.updating === true
  return (
    <Page
      title="Network data"
      text="What lookups, and the networks behind clicks, are answered from. It never leaves this server."
      actions={
        <Button
          variant="primary"
          icon={<RefreshCw size={16} />}
          isPending={update.isPending || isUpdating}
          onPress={() =>
            update.mutate(undefined, {
              onSuccess: () => toast('The update has begun', 'Lookups go on meanwhile.'),
              onError: (error) => toastError('The update could not begin', error),
            })
          }
        >
          Update now
        </Button>
      }
    >
      <Loaded query={data}>
        {({ built_at: builtAt, problem, sources, terms }) => (
          <div className="stack">
            {isUpdating && (
              <Progress label="Downloading, checking and compiling" value={undefined} valueText="" />
            )}
            {problem !== null && <FormError error={new Error(problem)} />}
            <DataTable
              label="Sources"
              columns={COLUMNS}
              rows={isAll ? sources : sources.filter(isThere)}
              rowId={({ name, part }) => `${name} ${part}`}
              foot={
                builtAt === null ? (
                  plural(sources.length, 'source')
                ) : (
                  <>
                    {plural(sources.length, 'source')}, compiled <Time at={builtAt} />
                  </>
                )
              }
              empty={
                <EmptyState
                  icon={<Database size={24} />}
                  title="No sources"
                  text="Update now, or import files with “onehop data import”."
                />
              }
            />
            {!isAll && !sources.every(isThere) && (
              <div className="spread">
                <span className="small soft">
                  {plural(sources.filter((source) => !isThere(source)).length, 'further source')} can be
                  loaded: update, or import files with <code>onehop data import</code>.
                </span>
                <Button size="small" onPress={() => setAll(true)}>
                  Show all
                </Button>
              </div>
            )}
            <TermsCard terms={terms} />
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function isThere({ state }: DataSource): boolean {
  return state !== 'missing'
}

const STATES: Readonly<Record<DataSource['state'], { readonly label: string; readonly tone: Tone }>> = {
  starter: { label: 'Came with it', tone: 'neutral' },
  downloaded: { label: 'Downloaded', tone: 'good' },
  imported: { label: 'Imported', tone: 'good' },
  missing: { label: 'Missing', tone: 'warn' },
}

const COLUMNS: readonly Column<DataSource>[] = [
  {
    id: 'source',
    name: 'Source',
    isHeader: true,
    cell: ({ title, name, part, problem }) => (
      <div className="two-lines">
        <span>{title}</span>
        <code className="small faint break-anywhere">{[name, part].filter(Boolean).join(' / ')}</code>
        {problem !== null && <span className="tone-bad data-problem">{problem}</span>}
      </div>
    ),
  },
  {
    id: 'state',
    name: 'State',
    isNarrow: true,
    phone: 'line',
    cell: ({ state }) => <Badge tone={STATES[state].tone}>{STATES[state].label}</Badge>,
  },
  {
    id: 'date',
    name: 'Data of',
    isNarrow: true,
    phone: 'inline',
    cell: ({ date, age_days: age }) =>
      date === null ? (
        <None />
      ) : (
        <span className={age !== null && age > 60 ? 'tone-warn' : undefined}>
          {formatDay(date)}
          {age !== null && (age === 0 ? ', today’s' : `, ${plural(age, 'day')} old`)}
        </span>
      ),
  },
  {
    id: 'rows',
    name: 'Rows',
    isNarrow: true,
    align: 'end',
    phone: 'inline',
    phoneLabel: 'Rows',
    cell: ({ rows }) => (rows === null ? <None /> : formatCount(rows)),
  },
  {
    id: 'size',
    name: 'Size',
    isNarrow: true,
    align: 'end',
    phone: 'hide',
    cell: ({ size_bytes: size }) => (size === null ? <None /> : formatBytes(size)),
  },
  {
    id: 'licence',
    name: 'Licence',
    phone: 'hide',
    cell: ({ licence }) => <span className="small soft">{licence}</span>,
  },
]
