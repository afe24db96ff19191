import { useQuery } from '@tanstack/react-query'
import { KeyRound, MoreHorizontal, Pause, Pencil, Play, Send, Trash2 } from 'lucide-react'
import { Fragment, useState } from 'react'
import { useLocation, useParams } from 'wouter'
import { useCanWrite } from '#dash/api/session.ts'
import {
  useChangeWebhook,
  useDeleteWebhook,
  useRotateSecret,
  useSend,
  type Webhook,
  webhookQuery,
} from '#dash/api/webhooks.ts'
import { Button, IconButton } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { Facts } from '#dash/ui/facts.tsx'
import { Time } from '#dash/ui/format.tsx'
import { Menu, MenuItem, MenuSeparator } from '#dash/ui/menu.tsx'
import { BackLink, Card, Page } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { Deliveries } from './deliveries.tsx'
import { SecretDialog } from './secret-dialog.tsx'
import { WebhookForm } from './webhook-form.tsx'
import { WebhookStatus } from './webhook-status.tsx'

/** A webhook and what it was sent. */
export function WebhookPage() {
  const { id = '' } = useParams()
  const webhook = useQuery(webhookQuery(id))
  return <Loaded query={webhook}>{(data) => <WebhookView webhook={data} />}</Loaded>
}

function WebhookView({ webhook }: { readonly webhook: Webhook }) {
  const canWrite = useCanWrite()
  return (
    <Page
      title={hostOf(webhook.url)}
      heading={<UrlText url={webhook.url} />}
      back={<BackLink href="/app/webhooks">Webhooks</BackLink>}
      actions={canWrite && <WebhookActions webhook={webhook} />}
    >
      <div className="stack" data-gap="large">
        <Card>
          <Facts
            facts={[
              ['Status', <WebhookStatus key="status" webhook={webhook} />],
              ['Failing since', webhook.failing_since && <Time at={webhook.failing_since} as="instant" />],
              [
                'Events',
                <span key="events" className="tag-list">
                  {webhook.events.map((event) => (
                    <span key={event} className="tag">
                      {event}
                    </span>
                  ))}
                </span>,
              ],
              ['Created', <Time key="created" at={webhook.created_at} as="instant" />],
            ]}
          />
        </Card>
        <Deliveries webhook={webhook} />
      </div>
    </Page>
  )
}

function WebhookActions({ webhook }: { readonly webhook: Webhook }) {
  const { id, status } = webhook
  const [, navigate] = useLocation()
  const change = useChangeWebhook(id)
  const remove = useDeleteWebhook(id)
  const rotate = useRotateSecret(id)
  const send = useSend(id)
  const [isEditing, setEditing] = useState(false)
  const isPaused = status === 'paused'

  async function turn(): Promise<void> {
    try {
      await change({ status: isPaused ? 'active' : 'paused' })
      toast(
        isPaused ? 'Webhook resumed' : 'Webhook paused',
        isPaused ? 'What was held is on its way.' : 'What is waiting is held; new events are not queued.',
      )
    } catch (error) {
      toastError(`The webhook could not be ${isPaused ? 'resumed' : 'paused'}`, error)
    }
  }

  async function askRotate(): Promise<void> {
    const isSure = await confirm({
      title: 'Make a new secret?',
      text: 'It signs at once. For 24 hours requests carry a signature by the old one too.',
      action: 'Make new secret',
      isDangerous: false,
    })
    if (isSure)
      rotate.mutate(undefined, {
        onError: (error) => toastError('The secret could not be changed', error),
      })
  }

  async function askDelete(): Promise<void> {
    const isSure = await confirm({
      title: 'Delete this webhook?',
      text: 'Nothing is sent there any more, and the record of its deliveries is lost.',
      action: 'Delete webhook',
    })
    if (!isSure) return
    remove.mutate(undefined, {
      onSuccess() {
        toast('Webhook deleted')
        navigate('/app/webhooks')
      },
      onError: (error) => toastError('The webhook could not be deleted', error),
    })
  }

  return (
    <>
      <Menu
        label="Webhook"
        button={<IconButton label="More" variant="secondary" icon={<MoreHorizontal size={17} />} />}
      >
        <MenuItem icon={<Pencil size={16} />} onAction={() => setEditing(true)}>
          Edit webhook
        </MenuItem>
        <MenuItem icon={<KeyRound size={16} />} onAction={() => void askRotate()}>
          Make new secret
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<Trash2 size={16} />} tone="danger" onAction={() => void askDelete()}>
          Delete webhook
        </MenuItem>
      </Menu>
      <Button icon={isPaused ? <Play size={16} /> : <Pause size={16} />} onPress={() => void turn()}>
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      <Button
        variant="primary"
        icon={<Send size={16} />}
        isDisabled={isPaused}
        isPending={send.isPending}
        onPress={() =>
          send.mutate(undefined, {
            onSuccess: () => toast('Test event sent', 'What became of it is in the list below.'),
            onError: (error) => toastError('The test could not be sent', error),
          })
        }
      >
        Send test
      </Button>
      {isEditing && (
        <Dialog title="Edit webhook" isOpen isKept onOpenChange={() => setEditing(false)}>
          <WebhookForm
            url={webhook.url}
            events={webhook.events}
            action="Save changes"
            onCancel={() => setEditing(false)}
            onSave={async (wish) => {
              await change(wish)
              toast('Webhook changed')
              setEditing(false)
            }}
          />
        </Dialog>
      )}
      {rotate.data !== undefined && (
        <SecretDialog secret={rotate.data.secret} isRotated onClose={() => rotate.reset()} />
      )}
    </>
  )
}

/** Broken between its parts rather than in their midst. */
function UrlText({ url }: { readonly url: string }) {
  return (
    <span className="break-anywhere">
      {url.split(/(?<=[/.?&])/).map((part, index) => (
        // The same parts may come again.
        <Fragment key={`${index} ${part}`}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </span>
  )
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url
}
