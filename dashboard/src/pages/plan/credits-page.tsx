import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { plansQuery, useBillingChanges, usageQuery } from '#dash/api/billing.ts'
import { useCanManage } from '#dash/api/session.ts'
import { Select, TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { formatCount } from '#dash/ui/format.tsx'
import { BackLink, Card, Page } from '#dash/ui/page.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { CreditCard } from 'lucide-react'
import { toast } from '#dash/ui/toast.tsx'
import { formatMoney } from './money.ts'

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
              <BuyForm prices={credits} currency={currency} />
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
  const [, navigate] = useLocation()
  const { buy } = useBillingChanges()
  const usage = useQuery(usageQuery)
  const [credits, setCredits] = useState<Credits>(prices[0]?.credits ?? 'links')
  const [quantity, setQuantity] = useState('100')
  const price = prices.find((one) => one.credits === credits)
  const left = usage.data?.metrics.find(({ metric }) => metric === credits)?.bought ?? 0
  const count = /^\d{1,7}$/.test(quantity.trim()) ? Number(quantity) : 0
  const cents = Math.ceil((count * (price?.cents_per_thousand ?? 0)) / 1000)
  return (
    <div className="narrow">
      <Card>
        <Form
          action={async () => {
            const order = await buy(credits, count)
            toast('Order placed', `${order.description} is yours when it is paid.`)
            navigate('/app/plan')
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
          {left > 0 && (
            <p className="small soft">
              {formatCount(left)} bought {LABELS[credits]} are left.
            </p>
          )}
          <div className="spread">
            <span>
              <strong className="total">{formatMoney(cents, currency)}</strong>{' '}
              <span className="soft">once</span>
            </span>
            <SubmitButton isDisabled={count === 0}>Place order</SubmitButton>
          </div>
        </Form>
      </Card>
    </div>
  )
}
