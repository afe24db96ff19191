import { useQuery } from '@tanstack/react-query'
import { plansQuery, subscriptionQuery } from '#dash/api/billing.ts'
import { useCanManage } from '#dash/api/session.ts'
import { LinkButton } from '#dash/ui/button.tsx'
import { Page } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { PlanList } from './plan-list.tsx'
import { SubscriptionCard } from './subscription-card.tsx'
import { SurchargeCard } from './surcharge-card.tsx'
import { TeamOrders } from './team-orders.tsx'
import { UsageCard } from './usage-card.tsx'

/** What the team is on, what it uses and what it ordered. */
export function PlanPage() {
  const subscription = useQuery(subscriptionQuery)
  const plans = useQuery(plansQuery)
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
        <TeamOrders />
      </div>
    </Page>
  )
}
