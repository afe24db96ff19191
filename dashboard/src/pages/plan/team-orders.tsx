import { useInfiniteQuery } from '@tanstack/react-query'
import { ordersQuery } from '#dash/api/billing.ts'
import { rowsOf } from '#dash/api/list.ts'
import { Loaded } from '#dash/ui/states.tsx'
import { OrdersTable } from './orders-table.tsx'

/** What the team ordered. */
export function TeamOrders() {
  const orders = useInfiniteQuery(ordersQuery)
  return (
    <section className="stack" data-gap="small">
      <h2 className="section-title">Orders</h2>
      <Loaded query={orders}>
        {(data) => (
          <OrdersTable
            orders={rowsOf(data)}
            hasMore={orders.hasNextPage}
            isLoadingMore={orders.isFetchingNextPage}
            onLoadMore={() => void orders.fetchNextPage()}
          />
        )}
      </Loaded>
    </section>
  )
}
