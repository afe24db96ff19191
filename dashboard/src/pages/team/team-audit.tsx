import { useInfiniteQuery } from '@tanstack/react-query'
import { auditQuery } from '#dash/api/audit.ts'
import { rowsOf } from '#dash/api/list.ts'
import { Loaded } from '#dash/ui/states.tsx'
import { AuditTable } from './audit-table.tsx'

/** Who changed what in the team. */
export function TeamAudit() {
  const audit = useInfiniteQuery(auditQuery)
  return (
    <Loaded query={audit}>
      {(data) => (
        <AuditTable
          events={rowsOf(data)}
          hasMore={audit.hasNextPage}
          isLoadingMore={audit.isFetchingNextPage}
          onLoadMore={() => void audit.fetchNextPage()}
        />
      )}
    </Loaded>
  )
}
