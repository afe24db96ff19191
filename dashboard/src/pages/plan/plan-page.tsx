import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ordersQuery, plansQuery, subscriptionQuery } from '#dash/api/billing.ts'
import { rowsOf } from '#dash/api/list.ts'
import { useCanManage } from '#dash/api/session.ts'
import { LinkButton } from '#dash/ui/button.tsx'
import { Page } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { OrdersTable } from './orders-table.tsx'
import { PlanList } from './plan-list.tsx'
import { SubscriptionCard } from './subscription-card.tsx'
import { SurchargeCard } from './surcharge-card.tsx'
import { UsageCard } from './usage-card.tsx'

/** What the team is on, what it uses and what it ordered. */
export function PlanPage() {
  const subscription = useQuery(subscriptionQuery)
  const plans = useQuery(plansQuery)
  const orders = useInfiniteQuery(ordersQuery)
  const canManage = useCanManage()
  return (
    <Page
      title="Plan and usage"
      text="Links go on leading where they lead, whatever is used up."
      actions={
        canManage && (
          <LinkButton href="/app/credits" variant="primary">
            Buy credits
          </LinkButton>
        )
      }
    >
      <div className="stack" data-gap="large">
        <div className="columns">
          <div className="stack">
            <Loaded query={subscription}>{(data) => <SubscriptionCard subscription={data} />}</Loaded>
            <SurchargeCard />
          </div>
          <UsageCard />
        </div>
        {subscription.data !== undefined && plans.data !== undefined && (
          <PlanList plans={plans.data.data} currency={plans.data.currency} subscription={subscription.data} />
        )}
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
      </div>
    </Page>
  )
}
