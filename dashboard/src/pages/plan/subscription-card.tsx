import { Clock, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { type Subscription, useBillingChanges } from '#dash/api/billing.ts'
import { useCanManage } from '#dash/api/session.ts'
import { Badge, type Tone } from '#dash/ui/badge.tsx'
import { Button } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { Facts } from '#dash/ui/facts.tsx'
import { formatDay } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { formatMoney } from './money.ts'

const STATUS: Readonly<Record<Subscription['status'], { readonly label: string; readonly tone: Tone }>> = {
  granted: { label: 'Granted', tone: 'neutral' },
  active: { label: 'Active', tone: 'good' },
  ending: { label: 'Ending', tone: 'warn' },
  past_due: { label: 'Payment due', tone: 'bad' },
}

/** The plan there is, and how it goes on. */
export function SubscriptionCard({ subscription }: { readonly subscription: Subscription }) {
  const { plan, status, interval, amount_cents: amount, currency, pending_order: pending } = subscription
  const canManage = useCanManage()
  return (
    <Card title={`${plan} plan`} actions={<Badge tone={STATUS[status].tone}>{STATUS[status].label}</Badge>}>
      <div className="stack">
        {pending !== null && (
          <Notice icon={<Clock size={16} aria-hidden="true" />} tone="warn">
            {pending.description}, {formatMoney(pending.amount_cents, pending.currency)}, waits for its
            payment
            {pending.expires_at !== null && ` until ${formatDay(pending.expires_at)}`}.
            {pending.payment === 'manual' && ' Whoever runs this server confirms it.'}
          </Notice>
        )}
        {status === 'past_due' && subscription.grace_until !== null && (
          <Notice icon={<TriangleAlert size={16} aria-hidden="true" />} tone="bad">
            What is due was not paid. The plan ends on {formatDay(subscription.grace_until)}.
          </Notice>
        )}
        <Facts
          facts={[
            [
              'Price',
              amount === null || interval === null
                ? 'Nothing'
                : `${formatMoney(amount, currency)} a ${interval}`,
            ],
            [
              status === 'ending' ? 'Ends on' : 'Paid until',
              subscription.paid_until && formatDay(subscription.paid_until),
            ],
            [
              'Then',
              subscription.next_plan &&
                `${subscription.next_plan}${subscription.next_interval ? `, by the ${subscription.next_interval}` : ''}`,
            ],
          ]}
        />
        {canManage && <SubscriptionActions subscription={subscription} />}
      </div>
    </Card>
  )
}

interface NoticeProps {
  readonly icon: ReactNode
  readonly tone: 'warn' | 'bad'
  readonly children: ReactNode
}

function Notice({ icon, tone, children }: NoticeProps) {
  return (
    <div className="notice" data-tone={tone}>
      {icon}
      <span>{children}</span>
    </div>
  )
}

function SubscriptionActions({ subscription }: { readonly subscription: Subscription }) {
  const { cancel, resume } = useBillingChanges()
  const canResume = subscription.status === 'ending' || subscription.next_plan !== null
  const canCancel = subscription.status === 'active' || subscription.status === 'past_due'

  async function askCancel(): Promise<void> {
    const until = subscription.paid_until
    const isSure = await confirm({
      title: `Cancel the ${subscription.plan} plan?`,
      text: `It goes on until what is paid for ends${until === null ? '' : `, on ${formatDay(until)}`}. You can resume it until then.`,
      action: 'Cancel plan',
    })
    if (isSure) await run(cancel, 'Plan cancelled', 'The plan could not be cancelled')
  }

  async function run(action: () => Promise<void>, done: string, failed: string): Promise<void> {
    try {
      await action()
      toast(done)
    } catch (error) {
      toastError(failed, error)
    }
  }

  if (!canResume && !canCancel) return null
  return (
    <div className="button-row">
      {canResume && (
        <Button onPress={() => void run(resume, 'Plan resumed', 'The plan could not be resumed')}>
          Keep the plan as it is
        </Button>
      )}
      {canCancel && (
        <Button variant="danger-quiet" onPress={() => void askCancel()}>
          Cancel plan
        </Button>
      )}
    </div>
  )
}
