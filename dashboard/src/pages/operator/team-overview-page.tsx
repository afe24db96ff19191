import { useQuery } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import { useState } from 'react'
import { useParams } from 'wouter'
import { METRIC_LABELS, type MetricUsage, plansQuery } from '#dash/api/billing.ts'
import {
  type OperatorTeam,
  operatorTeamQuery,
  type PlanMetric,
  useOperatorChanges,
} from '#dash/api/operator.ts'
import { roleLabel } from '#dash/api/teams.ts'
import { UsageMeter } from '#dash/pages/plan/usage-card.tsx'
import { Monogram } from '#dash/shell/monogram.tsx'
import { Badge } from '#dash/ui/badge.tsx'
import { Button, IconButton } from '#dash/ui/button.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { Facts } from '#dash/ui/facts.tsx'
import { Select, TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { formatCount, Time } from '#dash/ui/format.tsx'
import { BackLink, Card, Page } from '#dash/ui/page.tsx'
import { Segments } from '#dash/ui/segments.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { OperatorOnly } from './operator-only.tsx'

/** A team's plan, what it uses of it, and what it was given beside it. */
export function TeamOverviewPage() {
  return (
    <OperatorOnly>
      <TeamOverview />
    </OperatorOnly>
  )
}

function TeamOverview() {
  const { id = '' } = useParams()
  const team = useQuery(operatorTeamQuery(id))
  return (
    <Loaded query={team}>
      {(data) => (
        <Page
          title={data.name}
          back={<BackLink href="/app/operator/users">Users</BackLink>}
          text={
            data.is_personal ? `The personal team of ${data.members[0]?.user.email ?? 'nobody'}.` : undefined
          }
        >
          <div className="columns settings">
            <div className="stack">
              <PlanCard team={data} />
              <MembersCard team={data} />
            </div>
            <LimitsCard team={data} />
          </div>
        </Page>
      )}
    </Loaded>
  )
}

function PlanCard({ team }: { readonly team: OperatorTeam }) {
  const plans = useQuery(plansQuery)
  const { setPlan } = useOperatorChanges()
  const [plan, choosePlan] = useState(team.plan)
  async function grant(): Promise<void> {
    try {
      await setPlan(team.id, plan)
      toast(`${team.name} is on ${plan} now`)
    } catch (error) {
      toastError('The plan could not be changed', error)
    }
  }
  return (
    <Card title="Plan" text="Given without payment, without an end. A subscription that runs is ended by it.">
      <div className="stack">
        <div className="lookup-form">
          <Select
            label="Plan"
            choices={(plans.data?.data ?? [{ name: team.plan }]).map(({ name }) => ({
              id: name,
              label: name,
            }))}
            value={plan}
            onChange={choosePlan}
          />
          <Button isDisabled={plan === team.plan} onPress={() => void grant()}>
            Give plan
          </Button>
        </div>
        <Facts
          facts={[
            ['Links', formatCount(team.links)],
            ['Files', formatCount(team.files)],
            ['Since', <Time key="since" at={team.created_at} as="day" />],
            ['Deleted', team.deleted_at && <Time at={team.deleted_at} as="instant" />],
          ]}
        />
      </div>
    </Card>
  )
}

function MembersCard({ team }: { readonly team: OperatorTeam }) {
  return (
    <Card title="Members">
      <ul className="plain-list">
        {team.members.map(({ user, role }) => (
          <li key={user.id}>
            <span className="with-icon">
              <Monogram name={user.name || user.email} isRound />
              <span className="two-lines">
                <span className="clip">{user.name || user.email}</span>
                <span className="small faint clip">{user.email}</span>
              </span>
            </span>
            <Badge>{roleLabel(role)}</Badge>
          </li>
        ))}
      </ul>
    </Card>
  )
}

const PLAN_METRICS: readonly string[] = ['links', 'qr_codes', 'api_calls', 'clicks', 'lookups']

function isPlanMetric(metric: string): metric is PlanMetric {
  return PLAN_METRICS.includes(metric)
}

function LimitsCard({ team }: { readonly team: OperatorTeam }) {
  const [edited, setEdited] = useState<MetricUsage>()
  return (
    <Card title="Usage and limits" text="This month. A limit of its own takes the place of the plan’s.">
      <ul className="usage-meters">
        {team.metrics.map((usage) => (
          <li key={usage.metric} className="limit-row">
            <div>
              <UsageMeter usage={usage} />
              {team.overrides.some(({ metric }) => metric === usage.metric) && (
                <Badge tone="accent">Limit of its own</Badge>
              )}
            </div>
            {isPlanMetric(usage.metric) && (
              <IconButton
                size="small"
                label={`Change ${METRIC_LABELS[usage.metric].toLowerCase()}`}
                icon={<Pencil size={15} />}
                onPress={() => setEdited(usage)}
              />
            )}
          </li>
        ))}
      </ul>
      {edited !== undefined && isPlanMetric(edited.metric) && (
        <LimitDialog team={team} metric={edited.metric} usage={edited} onClose={() => setEdited(undefined)} />
      )}
    </Card>
  )
}

interface LimitDialogProps {
  readonly team: OperatorTeam
  readonly metric: PlanMetric
  readonly usage: MetricUsage
  readonly onClose: () => void
}

type Kind = 'plan' | 'number' | 'unlimited'

/** What can be bought beside the plan, and so be given. */
const BOUGHT: readonly PlanMetric[] = ['links', 'qr_codes']

function LimitDialog({ team, metric, usage, onClose }: LimitDialogProps) {
  const { setOverride, setCredits } = useOperatorChanges()
  const override = team.overrides.find((one) => one.metric === metric)
  const [kind, setKind] = useState<Kind>(
    override === undefined ? 'plan' : override.value === null ? 'unlimited' : 'number',
  )
  const hasCredits = BOUGHT.includes(metric)
  return (
    <Dialog title={METRIC_LABELS[metric]} size="small" isOpen isKept onOpenChange={onClose}>
      <Form
        fieldNames={{ value: 'limit', balance: 'credits' }}
        action={async ({ limit = '', credits = '' }) => {
          await setOverride(
            team.id,
            metric,
            kind === 'plan' ? undefined : kind === 'unlimited' ? null : Number(limit),
          )
          if (hasCredits && Number(credits) !== usage.bought)
            await setCredits(team.id, metric, Number(credits))
          toast('Limits changed')
          onClose()
        }}
      >
        <div className="field">
          <span className="field-label" aria-hidden="true">
            Limit a month
          </span>
          <Segments<Kind>
            label="Limit a month"
            value={kind}
            onChange={setKind}
            segments={[
              { id: 'plan', label: 'The plan’s' },
              { id: 'number', label: 'Its own' },
              { id: 'unlimited', label: 'None' },
            ]}
          />
        </div>
        {kind === 'number' && (
          <TextField
            label="Its own limit"
            name="limit"
            isRequired
            inputMode="numeric"
            pattern="[0-9]*"
            defaultValue={String(override?.value ?? usage.limit ?? '')}
          />
        )}
        {hasCredits && (
          <TextField
            label="Bought and left"
            name="credits"
            isRequired
            inputMode="numeric"
            pattern="[0-9]*"
            defaultValue={String(usage.bought)}
            hint="Used when the month’s are."
          />
        )}
        <div className="dialog-foot">
          <Button onPress={onClose}>Cancel</Button>
          <SubmitButton>Save limits</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}
