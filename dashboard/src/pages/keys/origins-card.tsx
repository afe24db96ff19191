import { useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { type Origin, originsQuery, useAddOrigin, useDeleteOrigin } from '#dash/api/origins.ts'
import { useCanManage } from '#dash/api/session.ts'
import { Button, IconButton } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { Dialog, DialogButton } from '#dash/ui/dialog.tsx'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { Time } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'

/** Websites whose pages look networks up without a key. */
export function OriginsCard() {
  const origins = useQuery(originsQuery)
  const canManage = useCanManage()
  return (
    <Card
      title="Request origins"
      text="Pages of these domains look networks up through the ipgeolocation.io API without a key, for this team."
      actions={
        canManage && (
          <DialogButton
            button={<Button size="small">Add domain</Button>}
            dialog={
              <Dialog title="Add a request origin" size="small">
                {(close) => <OriginForm onDone={close} />}
              </Dialog>
            }
          />
        )
      }
    >
      <Loaded query={origins}>
        {({ origins: all }) =>
          all.length === 0 ? (
            <p className="soft">
              None yet. Add the root domain of a website of yours, and a key never has to be in its pages.
            </p>
          ) : (
            <ul className="plain-list">
              {all.map((origin) => (
                <OriginRow key={origin.id} origin={origin} canManage={canManage} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  )
}

function OriginForm({ onDone }: { readonly onDone: () => void }) {
  const addOrigin = useAddOrigin()
  return (
    <Form
      action={async ({ domain = '' }) => {
        await addOrigin(domain.trim())
        toast('Request origin added')
        onDone()
      }}
    >
      <TextField
        label="Root domain"
        name="domain"
        isRequired
        autoFocus
        placeholder="example.com"
        hint="Its subdomains are included."
      />
      <div className="dialog-foot">
        <Button onPress={onDone}>Cancel</Button>
        <SubmitButton>Add domain</SubmitButton>
      </div>
    </Form>
  )
}

function OriginRow({ origin, canManage }: { readonly origin: Origin; readonly canManage: boolean }) {
  const deleteOrigin = useDeleteOrigin()
  async function ask(): Promise<void> {
    const isSure = await confirm({
      title: `Remove ${origin.domain}?`,
      text: 'Its pages need a key from now on.',
      action: 'Remove domain',
    })
    if (!isSure) return
    deleteOrigin.mutate(origin.id, {
      onSuccess: () => toast('Request origin removed'),
      onError: (error) => toastError('The domain could not be removed', error),
    })
  }
  return (
    <li>
      <span className="two-lines">
        <span className="clip">{origin.domain}</span>
        <span className="small faint">
          Added <Time at={origin.created_at} />
        </span>
      </span>
      {canManage && (
        <IconButton
          size="small"
          label={`Remove ${origin.domain}`}
          icon={<Trash2 size={16} />}
          onPress={() => void ask()}
        />
      )}
    </li>
  )
}
