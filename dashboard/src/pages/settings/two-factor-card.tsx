import { useQuery } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { type TwoFactorEnrolment, twoFactorQuery, useAccountChanges } from '#dash/api/settings.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { Button } from '#dash/ui/button.tsx'
import { CodeBlock, Copyable } from '#dash/ui/copy.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { Facts } from '#dash/ui/facts.tsx'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { Time } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { toast } from '#dash/ui/toast.tsx'
import { CodeField, ProofFields, proofOf } from './proof-fields.tsx'

type Task = 'turn-on' | 'turn-off' | 'renew'

/** The second factor: on with an app, with codes for the day the app is gone. */
export function TwoFactorCard() {
  const state = useQuery(twoFactorQuery)
  const [task, setTask] = useState<Task>()
  const [codes, setCodes] = useState<readonly string[]>()
  const close = () => setTask(undefined)
  return (
    <Card
      title="Two-factor authentication"
      text="A code of an app on your phone beside the password, at every sign-in."
      actions={state.data?.enabled === true ? <Badge tone="good">On</Badge> : <Badge>Off</Badge>}
    >
      <Loaded query={state}>
        {({ enabled, enabled_at: at, recovery_codes_left: left }) =>
          enabled ? (
            <div className="stack">
              <Facts
                facts={[
                  ['Since', at && <Time at={at} as="day" />],
                  ['Recovery codes', `${left} of 10 are left`],
                ]}
              />
              <div className="button-row">
                <Button onPress={() => setTask('renew')}>New recovery codes</Button>
                <Button variant="danger-quiet" onPress={() => setTask('turn-off')}>
                  Turn off
                </Button>
              </div>
            </div>
          ) : (
            <Button onPress={() => setTask('turn-on')}>Set up an app</Button>
          )
        }
      </Loaded>
      {task === 'turn-on' && (
        <TurnOnDialog
          onClose={close}
          onDone={(next) => {
            close()
            setCodes(next)
            toast('Two-factor authentication is on')
          }}
        />
      )}
      {task === 'renew' && (
        <RenewDialog
          onClose={close}
          onDone={(next) => {
            close()
            setCodes(next)
          }}
        />
      )}
      {task === 'turn-off' && <TurnOffDialog onClose={close} />}
      {codes !== undefined && <CodesDialog codes={codes} onClose={() => setCodes(undefined)} />}
    </Card>
  )
}

interface TaskProps {
  readonly onClose: () => void
  readonly onDone: (codes: readonly string[]) => void
}

function TurnOnDialog({ onClose, onDone }: TaskProps) {
  const { enrol, confirm } = useAccountChanges()
  const [enrolment, setEnrolment] = useState<TwoFactorEnrolment>()
  const [password, setPassword] = useState('')
  return (
    <Dialog title="Set up an app" isOpen isKept onOpenChange={onClose}>
      {enrolment === undefined ? (
        <Form
          action={async ({ current_password: current = '' }) => {
            setEnrolment(await enrol(current))
            setPassword(current)
          }}
        >
          <TextField
            label="Current password"
            name="current_password"
            type="password"
            isRequired
            autoFocus
            autoComplete="current-password"
          />
          <div className="dialog-foot">
            <Button onPress={onClose}>Cancel</Button>
            <SubmitButton>Go on</SubmitButton>
          </div>
        </Form>
      ) : (
        <Form
          action={async ({ code = '' }) =>
            onDone(await confirm({ current_password: password, code: code.trim() }))
          }
        >
          <p className="soft">Point your authenticator app at this, or type the secret into it.</p>
          <img className="enrol-qr" src={enrolment.qr_svg} alt="QR code for an authenticator app" />
          <Copyable text={enrolment.secret} what="secret" />
          <CodeField hint="The six digits that the app shows now." />
          <div className="dialog-foot">
            <Button onPress={onClose}>Cancel</Button>
            <SubmitButton>Turn on</SubmitButton>
          </div>
        </Form>
      )}
    </Dialog>
  )
}

function RenewDialog({ onClose, onDone }: TaskProps) {
  const { renewCodes } = useAccountChanges()
  return (
    <Dialog title="New recovery codes" size="small" isOpen isKept onOpenChange={onClose}>
      <Form action={async (values) => onDone(await renewCodes(proofOf(values)))}>
        <p className="soft">The old ones stop working.</p>
        <ProofFields />
        <div className="dialog-foot">
          <Button onPress={onClose}>Cancel</Button>
          <SubmitButton>Make new codes</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}

function TurnOffDialog({ onClose }: Pick<TaskProps, 'onClose'>) {
  const { turnOff } = useAccountChanges()
  return (
    <Dialog title="Turn off two-factor authentication?" size="small" isOpen isKept onOpenChange={onClose}>
      <Form
        action={async (values) => {
          await turnOff(proofOf(values))
          toast('Two-factor authentication is off')
          onClose()
        }}
      >
        <p className="soft">The password alone is then enough to sign in.</p>
        <ProofFields />
        <div className="dialog-foot">
          <Button onPress={onClose}>Cancel</Button>
          <SubmitButton variant="danger">Turn off</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}

interface CodesDialogProps {
  readonly codes: readonly string[]
  readonly onClose: () => void
}

function CodesDialog({ codes, onClose }: CodesDialogProps) {
  return (
    <Dialog title="Your recovery codes" isOpen isKept onOpenChange={onClose}>
      <div className="stack">
        <div className="notice" data-tone="warn">
          <TriangleAlert size={16} aria-hidden="true" />
          <span>
            Keep them where you find them without your phone. Each signs you in once; they are not shown
            again.
          </span>
        </div>
        <CodeBlock text={codes.join('\n')} what="recovery codes" />
        <div className="dialog-foot">
          <Button variant="primary" onPress={onClose}>
            I have kept them
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
