import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-aria-components/Link'
import { lookupUsageQuery, useBillingChanges } from '#dash/api/billing.ts'
import { useCanManage } from '#dash/api/session.ts'
import { Switch, TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { formatCount } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { toast } from '#dash/ui/toast.tsx'

/** Whether lookups go on when the month's are used up. */
export function SurchargeCard() {
  const usage = useQuery(lookupUsageQuery)
  return (
    <Card title="Lookups beyond the plan">
      <Loaded query={usage}>
        {({ surcharge, limit }) =>
          limit === null ? (
            <p className="soft">This plan has no limit of lookups.</p>
          ) : (
            <div className="stack">
              <p className="soft">
                With a surcharge, requests of the ipgeolocation.io API go on when the month’s lookups are used
                up, and are booked on top. {formatCount(surcharge.used)} were this month.
              </p>
              <SurchargeForm
                key={`${surcharge.enabled} ${surcharge.monthly_limit}`}
                isEnabled={surcharge.enabled}
                monthlyLimit={surcharge.monthly_limit}
              />
            </div>
          )
        }
      </Loaded>
      <p className="small soft after">
        Pages of your websites need no key: see <Link href="/app/keys">request origins</Link>.
      </p>
    </Card>
  )
}

interface SurchargeFormProps {
  readonly isEnabled: boolean
  readonly monthlyLimit: number | null
}

function SurchargeForm({ isEnabled, monthlyLimit }: SurchargeFormProps) {
  const canManage = useCanManage()
  const { setSurcharge } = useBillingChanges()
  const [isOn, setOn] = useState(isEnabled)
  if (!canManage) return <p>{isEnabled ? 'The surcharge is on.' : 'The surcharge is off.'}</p>
  return (
    <Form
      fieldNames={{ monthly_limit: 'limit' }}
      action={async ({ limit = '' }) => {
        await setSurcharge(
          isOn
            ? { enabled: true, monthly_limit: limit.trim() === '' ? null : Number(limit) }
            : { enabled: false },
        )
        toast(isOn ? 'Surcharge is on' : 'Surcharge is off')
      }}
    >
      <Switch isSelected={isOn} onChange={setOn}>
        Go on with a surcharge
      </Switch>
      {isOn && (
        <TextField
          label="At most, a month"
          name="limit"
          inputMode="numeric"
          pattern="[0-9]*"
          defaultValue={monthlyLimit === null ? '' : String(monthlyLimit)}
          hint="Lookups on top of the plan’s; without a number there is no limit."
        />
      )}
      <div className="button-row">
        <SubmitButton variant="secondary">Save</SubmitButton>
      </div>
    </Form>
  )
}
