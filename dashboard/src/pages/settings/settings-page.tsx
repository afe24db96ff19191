import { useQuery } from '@tanstack/react-query'
import { notificationsQuery, useAccountChanges, useSetNotifications } from '#dash/api/settings.ts'
import { instanceQuery, useAccount } from '#dash/api/session.ts'
import { Facts } from '#dash/ui/facts.tsx'
import { Switch, TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { Time } from '#dash/ui/format.tsx'
import { Card, Page } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { ThemeChoice } from '#dash/ui/theme.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { PasswordCard } from './password-card.tsx'
import { SessionsCard } from './sessions-card.tsx'
import { TwoFactorCard } from './two-factor-card.tsx'

/** What is somebody's own: name, password, second factor, sessions, mails and colours. */
export function SettingsPage() {
  return (
    <Page title="Settings" text="Your own account, in every team.">
      <div className="columns settings">
        <div className="stack">
          <ProfileCard />
          <Card title="Colours" text="In this browser.">
            <ThemeChoice />
          </Card>
          <NotificationsCard />
          <PasswordCard />
        </div>
        <div className="stack">
          <TwoFactorCard />
          <SessionsCard />
        </div>
      </div>
    </Page>
  )
}

function ProfileCard() {
  const account = useAccount()
  const { rename } = useAccountChanges()
  return (
    <Card title="Profile">
      <div className="stack">
        <Form
          action={async ({ name = '' }) => {
            await rename(name.trim())
            toast('Name changed')
          }}
        >
          <TextField
            label="Name"
            name="name"
            maxLength={100}
            autoComplete="name"
            defaultValue={account.name}
            hint="Those in your teams see it."
          />
          <div className="button-row">
            <SubmitButton variant="secondary">Save name</SubmitButton>
          </div>
        </Form>
        <Facts
          facts={[
            ['E-mail', account.email],
            ['Since', <Time key="since" at={account.created_at} as="day" />],
          ]}
        />
      </div>
    </Card>
  )
}

function NotificationsCard() {
  const notifications = useQuery(notificationsQuery)
  const instance = useQuery(instanceQuery)
  const set = useSetNotifications()
  return (
    <Card title="Notifications">
      <Loaded query={notifications}>
        {({ weekly_report: isOn }) => (
          <div className="stack" data-gap="small">
            <Switch
              isSelected={isOn}
              isDisabled={set.isPending}
              onChange={(next) =>
                set.mutate(
                  { weekly_report: next },
                  {
                    onSuccess: () => toast(next ? 'The weekly report is on' : 'The weekly report is off'),
                    onError: (error) => toastError('This could not be changed', error),
                  },
                )
              }
            >
              Weekly report by mail
            </Switch>
            <p className="small soft">
              On Mondays: clicks against the week before, the links clicked most, where clicks came from.
              {instance.data?.mail === false && ' This server sends no mail now.'}
            </p>
          </div>
        )}
      </Loaded>
    </Card>
  )
}
