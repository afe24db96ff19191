import { useInfiniteQuery } from '@tanstack/react-query'
import { KeyRound, Plus, Trash2 } from 'lucide-react'
import { useSearchParams } from 'wouter'
import { type ApiKey, keysQuery, useRevokeKey } from '#dash/api/keys.ts'
import { rowsOf } from '#dash/api/list.ts'
import { useCanWrite } from '#dash/api/session.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { Button, IconButton, LinkButton } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { plural, Time } from '#dash/ui/format.tsx'
import { Card, Page } from '#dash/ui/page.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { CreateKeyDialog } from './create-key-dialog.tsx'
import { dialectLabel } from './dialects.ts'
import { KeyExample } from './key-example.tsx'
import { OriginsCard } from './origins-card.tsx'

/** The team's API keys, and the pages that need none. */
export function KeysPage() {
  const keys = useInfiniteQuery(keysQuery)
  const canWrite = useCanWrite()
  const [search, setSearch] = useSearchParams()
  const create = canWrite && (
    <Button variant="primary" icon={<Plus size={16} />} onPress={() => setSearch({ new: '' })}>
      Create key
    </Button>
  )
  return (
    <Page
      title="API keys"
      text="For programs that act for this team. A key opens every API that this server speaks."
      actions={
        <>
          <LinkButton href="/docs">API reference</LinkButton>
          {create}
        </>
      }
    >
      <div className="stack" data-gap="large">
        <Loaded query={keys}>
          {(data) => (
            <DataTable
              label="API keys"
              columns={canWrite ? COLUMNS : COLUMNS.filter(({ id }) => id !== 'actions')}
              rows={rowsOf(data)}
              rowId={({ id }) => id}
              hasMore={keys.hasNextPage}
              isLoadingMore={keys.isFetchingNextPage}
              onLoadMore={() => void keys.fetchNextPage()}
              foot={plural(rowsOf(data).length, 'key')}
              empty={
                <EmptyState
                  icon={<KeyRound size={24} />}
                  title="No keys yet"
                  text="Create one for each program that is to use the API, so that each can be revoked alone."
                >
                  {create}
                </EmptyState>
              }
            />
          )}
        </Loaded>
        <div className="columns">
          <Card title="First request" text="With a key of yours in place of YOUR_KEY.">
            <KeyExample secret="YOUR_KEY" dialect="onehop" />
          </Card>
          <OriginsCard />
        </div>
      </div>
      {canWrite && search.has('new') && <CreateKeyDialog onClose={() => setSearch({})} />}
    </Page>
  )
}

const COLUMNS: readonly Column<ApiKey>[] = [
  {
    id: 'name',
    name: 'Name',
    isHeader: true,
    cell: ({ name, hint }) => (
      <div className="two-lines">
        <span className="clip">{name || 'Without a name'}</span>
        <code className="small faint">{hint}</code>
      </div>
    ),
  },
  {
    id: 'form',
    name: 'Form',
    isNarrow: true,
    phone: 'line',
    cell: ({ dialect }) => <Badge>{dialectLabel(dialect)}</Badge>,
  },
  {
    id: 'abilities',
    name: 'May do',
    phone: 'line',
    cell: ({ abilities }) =>
      abilities.includes('*') ? (
        <span className="soft">Whatever its owner may</span>
      ) : (
        <span className="tag-list">
          {abilities.map((ability) => (
            <span key={ability} className="tag">
              {ability}
            </span>
          ))}
        </span>
      ),
  },
  {
    id: 'used',
    name: 'Last used',
    isNarrow: true,
    phone: 'inline',
    phoneLabel: 'Last used',
    cell: ({ last_used_at: at }) => (at === null ? <span className="faint">never</span> : <Time at={at} />),
  },
  {
    id: 'expires',
    name: 'Expires',
    isNarrow: true,
    phone: 'inline',
    phoneLabel: 'Expires',
    cell: ({ expires_at: at }) =>
      at === null ? (
        <span className="faint">never</span>
      ) : Date.parse(at) < Date.now() ? (
        <Badge tone="bad">Expired</Badge>
      ) : (
        <Time at={at} />
      ),
  },
  {
    id: 'actions',
    name: 'Actions',
    isNameHidden: true,
    isNarrow: true,
    align: 'end',
    phone: 'corner',
    cell: (key) => <RevokeButton apiKey={key} />,
  },
]

function RevokeButton({ apiKey: { id, name } }: { readonly apiKey: ApiKey }) {
  const revoke = useRevokeKey()
  async function ask(): Promise<void> {
    const isSure = await confirm({
      title: `Revoke ${name || 'this key'}?`,
      text: 'Whatever uses it is refused from now on. This cannot be undone.',
      action: 'Revoke key',
    })
    if (!isSure) return
    revoke.mutate(id, {
      onSuccess: () => toast('API key revoked'),
      onError: (error) => toastError('The key could not be revoked', error),
    })
  }
  return (
    <IconButton
      size="small"
      label={`Revoke ${name || 'key'}`}
      icon={<Trash2 size={16} />}
      onPress={() => void ask()}
    />
  )
}
