import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { plansQuery, useBillingChanges, usageQuery } from '#dash/api/billing.ts'
import { useCanManage } from '#dash/api/session.ts'
import { Facts } from '#dash/ui/facts.tsx'
import { Select, TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { formatCount } from '#dash/ui/format.tsx'
import { BackLink, Card, Page } from '#dash/ui/page.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { CreditCard } from 'lucide-react'
import { toast } from '#dash/ui/toast.tsx'
import { formatMoney } from './money.ts'
import { TeamOrders } from './team-orders.tsx'

type Credits = 'links' | 'qr_codes'

const LABELS: Readonly<Record<Credits, string>> = { links: 'Links', qr_codes: 'QR codes' }

/** Buy links and QR codes on top of the plan. */
export function CreditsPage() {
  const plans = useQuery(plansQuery)
  const canManage = useCanManage()
  return (
    <Page
      title="Buy credits"
      text="Links and QR codes on top of the plan. They are used when the month’s are, and do not expire."
      back={<BackLink href="/app/plan">Plan and usage</BackLink>}
    >
      {canManage ? (
        <Loaded query={plans}>
          {({ credits, currency }) =>
            credits.length === 0 ? (
              <EmptyState
                icon={<CreditCard size={24} />}
                title="No credits are sold here"
                text="Whoever runs this server sells plans alone."
              />
            ) : (
              <div className="stack" data-gap="large">
                <div className="columns">
                  <BuyForm prices={credits} currency={currency} />
                  <LeftCard credits={credits.map((price) => price.credits)} />
                </div>
                <TeamOrders />
              </div>
            )
          }
        </Loaded>
      ) : (
        <EmptyState
          icon={<CreditCard size={24} />}
          title="Ask an owner or admin"
          text="They buy credits for the team."
        />
      )}
    </Page>
  )
}

interface BuyFormProps {
  readonly prices: readonly { readonly credits: Credits; readonly cents_per_thousand: number }[]
  readonly currency: string
}

function BuyForm({ prices, currency }: BuyFormProps) {
  const { buy } = useBillingChanges()
  const [credits, setCredits] = useState<Credits>(prices[0]?.credits ?? 'links')
  const [quantity, setQuantity] = useState('100')
  const price = prices.find((one) => one.credits === credits)
  const count = /^\d{1,7}$/.test(quantity.trim()) ? Number(quantity) : 0
  const cents = Math.ceil((count * (price?.cents_per_thousand ?? 0)) / 1000)
  return (
    <Card title="Order" text="It is yours when it is paid; the list below says so.">
      <Form
        action={async () => {
          const order = await buy(credits, count)
          toast('Order placed', `${order.description} is yours when it is paid.`)
        }}
      >
        <div className="form-columns">
          <Select
            label="What"
            choices={prices.map((one) => ({
              id: one.credits,
              label: LABELS[one.credits],
              hint: `${formatMoney(one.cents_per_thousand, currency)} for 1,000`,
            }))}
            value={credits}
            onChange={setCredits}
          />
          <TextField
            label="How many"
            name="quantity"
            isRequired
            inputMode="numeric"
            pattern="[0-9]*"
            value={quantity}
            onChange={setQuantity}
          />
        </div>
        <div className="spread">
          <span>
            <strong className="total">{formatMoney(cents, currency)}</strong>{' '}
            <span className="soft">once</span>
          </span>
          <SubmitButton isDisabled={count === 0}>Place order</SubmitButton>
        </div>
      </Form>
    </Card>
  )
}

/** What was bought before and is not used. */
function LeftCard({ credits }: { readonly credits: readonly Credits[] }) {
  const usage = useQuery(usageQuery)
  return (
    <Card title="Bought and left" text="Used when the month’s are used up.">
      <Loaded query={usage}>
        {({ metrics }) => (
          <Facts
            facts={credits.map((name) => [
              LABELS[name],
              formatCount(metrics.find(({ metric }) => metric === name)?.bought ?? 0),
            ])}
          />
        )}
      </Loaded>
    </Card>
  )
}
