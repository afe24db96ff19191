import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { ScrollText } from 'lucide-react'
import { useSearchParams } from 'wouter'
import { operatorAuditQuery } from '#dash/api/audit.ts'
import { rowsOf } from '#dash/api/list.ts'
import { actionText, AuditTable } from '#dash/pages/team/audit-table.tsx'
import { Button } from '#dash/ui/button.tsx'
import { Select } from '#dash/ui/fields.tsx'
import { Page } from '#dash/ui/page.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import type { AuditEvent } from '#dash/api/audit.ts'
import { OperatorOnly } from './operator-only.tsx'

const ANY = 'any'

/** What is looked for most. */
const ACTIONS: readonly AuditEvent['action'][] = [
  'account.created',
  'account.blocked',
  'account.password-changed',
  'account.two-factor-off',
  'key.created',
  'key.revoked',
  'member.joined',
  'member.updated',
  'member.removed',
  'plan.granted',
  'order.approved',
  'override.set',
  'credits.set',
  'webhook.created',
  'link.updated',
  'link.deleted',
  'file.deleted',
  'data.update-started',
  'data.terms-accepted',
]

/** Who changed what, anywhere on the server. */
export function AuditPage() {
  return (
    <OperatorOnly>
      <Audit />
    </OperatorOnly>
  )
}

function Audit() {
  const [search, setSearch] = useSearchParams()
  const action = search.get('action') ?? ANY
  const audit = useInfiniteQuery({
    ...operatorAuditQuery({ action: action === ANY ? '' : action }),
    placeholderData: keepPreviousData,
  })
  return (
    <Page
      title="Audit log"
      text="Who changed what, anywhere on this server. It is kept for 400 days."
      actions={
        <div className="audit-filter">
          <Select
            label="What happened"
            isLabelHidden
            choices={[
              { id: ANY, label: 'Everything' },
              ...ACTIONS.map((id) => ({ id, label: actionText(id) })),
            ]}
            value={action}
            onChange={(next) => setSearch(next === ANY ? {} : { action: next })}
          />
        </div>
      }
    >
      <Loaded query={audit}>
        {(data) => (
          <AuditTable
            events={rowsOf(data)}
            hasTeams
            hasMore={audit.hasNextPage}
            isLoadingMore={audit.isFetchingNextPage}
            onLoadMore={() => void audit.fetchNextPage()}
            {...(action !== ANY && {
              empty: (
                <EmptyState
                  icon={<ScrollText size={24} />}
                  title="That has not happened"
                  text="Nothing of this kind is in the log."
                >
                  <Button onPress={() => setSearch({})}>Show everything</Button>
                </EmptyState>
              ),
            })}
          />
        )}
      </Loaded>
    </Page>
  )
}
