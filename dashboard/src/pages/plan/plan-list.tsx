import { Check, Minus } from 'lucide-react'
import { useState } from 'react'
import { type Interval, type Plan, type Subscription, useBillingChanges } from '#dash/api/billing.ts'
import { useCanManage } from '#dash/api/session.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { Button } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { formatCompact, formatCount } from '#dash/ui/format.tsx'
import { Segments } from '#dash/ui/segments.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { formatMoney } from './money.ts'

export interface PlanListProps {
  readonly plans: readonly Plan[]
  readonly currency: string
  readonly subscription: Subscription
}

/** The plans side by side, one of which can be chosen. */
export function PlanList({ plans, currency, subscription }: PlanListProps) {
  const [interval, setInterval] = useState<Interval>(subscription.interval ?? 'month')
  return (
    <section className="stack" id="plans">
      <div className="spread">
        <h2 className="section-title">Plans</h2>
        <Segments<Interval>
          label="Paid by the"
          value={interval}
          onChange={setInterval}
          segments={[
            { id: 'month', label: 'Monthly' },
            { id: 'year', label: 'Yearly' },
          ]}
        />
      </div>
      <ul className="plan-list">
        {plans.map((plan) => (
          <PlanItem
            key={plan.name}
            plan={plan}
            interval={interval}
            currency={currency}
            subscription={subscription}
          />
        ))}
      </ul>
    </section>
  )
}

interface PlanItemProps {
  readonly plan: Plan
  readonly interval: Interval
  readonly currency: string
  readonly subscription: Subscription
}

function PlanItem({ plan, interval, currency, subscription }: PlanItemProps) {
  const cents = interval === 'month' ? plan.price_cents_monthly : plan.price_cents_yearly
  const isCurrent = plan.name === subscription.plan
  return (
    <li className="plan-item" data-current={isCurrent ? '' : undefined}>
      <div className="spread">
        <h3>{plan.name}</h3>
        {isCurrent && <Badge tone="accent">Yours</Badge>}
      </div>
      <p className="plan-price">
        {cents === null ? (
          <strong>On request</strong>
        ) : (
          <>
            <strong>{cents === 0 ? 'Free' : formatMoney(cents, currency)}</strong>
            {cents > 0 && <span className="small soft"> a {interval}</span>}
          </>
        )}
      </p>
      <ul className="plan-limits small">
        <Limit amount={plan.links_per_month} what="links a month" />
        <Limit amount={plan.qr_codes_per_month} what="QR codes a month" />
        <Limit amount={plan.clicks_per_month} what="clicks a month" />
        <Limit amount={plan.lookup_credits_per_month} what="lookups a month" />
        <Limit amount={plan.api_calls_per_month} what="API calls a month" />
        <Limit amount={plan.analytics_days} what="days of reports" />
        <Has isThere={plan.typed_links} what="Wi-Fi, contact and text links" />
        <Has isThere={plan.lynklens_api} what="LynkLens API" />
        <Has isThere={plan.ipgeolocation_api} what="ipgeolocation.io API" />
      </ul>
      <PlanAction plan={plan} interval={interval} currency={currency} subscription={subscription} />
    </li>
  )
}

function Limit({ amount, what }: { readonly amount: number | null; readonly what: string }) {
  if (amount === 0) return <Has isThere={false} what={what} />
  return (
    <Has
      isThere
      what={`${amount === null ? 'Unlimited' : amount < 10_000 ? formatCount(amount) : formatCompact(amount)} ${what}`}
    />
  )
}

function Has({ isThere, what }: { readonly isThere: boolean; readonly what: string }) {
  return (
    <li className={isThere ? undefined : 'faint'}>
      {isThere ? (
        <Check size={15} className="tone-good" aria-hidden="true" />
      ) : (
        <Minus size={15} aria-hidden="true" />
      )}
      <span>
        {!isThere && <span className="visually-hidden">No </span>}
        {what}
      </span>
    </li>
  )
}

function PlanAction({ plan, interval, currency, subscription }: PlanItemProps) {
  const canManage = useCanManage()
  const { choosePlan } = useBillingChanges()
  const cents = interval === 'month' ? plan.price_cents_monthly : plan.price_cents_yearly
  const isCurrent =
    plan.name === subscription.plan && (subscription.interval === null || subscription.interval === interval)
  if (!canManage || cents === null || cents === 0 || isCurrent) return null

  async function choose(): Promise<void> {
    const isSure = await confirm({
      title: `Change to ${plan.name}?`,
      text: `${formatMoney(cents ?? 0, currency)} a ${interval}. A dearer plan begins when it is paid, less what is left of the present one; a cheaper one when the present one ends.`,
      action: `Choose ${plan.name}`,
      isDangerous: false,
    })
    if (!isSure) return
    try {
      const { pending_order: order } = await choosePlan(plan.name, interval)
      toast(
        order === null ? 'Plan changed' : 'Order placed',
        order === null
          ? 'It begins when what is paid for ends.'
          : `${plan.name} begins when ${formatMoney(order.amount_cents, order.currency)} are paid.`,
      )
    } catch (error) {
      toastError('The plan could not be chosen', error)
    }
  }

  return (
    <Button size="small" onPress={() => void choose()}>
      Choose {plan.name}
    </Button>
  )
}
