import { useQuery } from '@tanstack/react-query'
import { Plus, Webhook as WebhookIcon } from 'lucide-react'
import { useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import { useCanWrite } from '#dash/api/session.ts'
import { useCreateWebhook, type Webhook, webhooksQuery, type WebhookWithSecret } from '#dash/api/webhooks.ts'
import { Button } from '#dash/ui/button.tsx'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { plural, Time } from '#dash/ui/format.tsx'
import { Page } from '#dash/ui/page.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { SecretDialog } from './secret-dialog.tsx'
import { WebhookForm } from './webhook-form.tsx'
import { WebhookStatus } from './webhook-status.tsx'

/** Where the team's events are sent. */
export function WebhooksPage() {
  const webhooks = useQuery(webhooksQuery)
  const canWrite = useCanWrite()
  const [search, setSearch] = useSearchParams()
  const create = canWrite && (
    <Button variant="primary" icon={<Plus size={16} />} onPress={() => setSearch({ new: '' })}>
      Create webhook
    </Button>
  )
  return (
    <Page title="Webhooks" text="Your server is told what happens here, as it happens." actions={create}>
      <Loaded query={webhooks}>
        {({ data }) => (
          <DataTable
            label="Webhooks"
            columns={COLUMNS}
            rows={data}
            rowId={({ id }) => id}
            rowHref={({ id }) => `/app/webhooks/${id}`}
            foot={plural(data.length, 'webhook')}
            empty={
              <EmptyState
                icon={<WebhookIcon size={24} />}
                title="No webhooks yet"
                text="Create one with a URL of yours: links made, clicks counted and files downloaded are then sent there."
              >
                {create}
              </EmptyState>
            }
          />
        )}
      </Loaded>
      {canWrite && search.has('new') && <CreateDialog onClose={() => setSearch({})} />}
    </Page>
  )
}

function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const [, navigate] = useLocation()
  const createWebhook = useCreateWebhook()
  const [made, setMade] = useState<WebhookWithSecret>()
  if (made !== undefined)
    return <SecretDialog secret={made.secret} onClose={() => navigate(`/app/webhooks/${made.id}`)} />
  return (
    <Dialog title="Create a webhook" isOpen isKept onOpenChange={onClose}>
      <WebhookForm
        action="Create webhook"
        onCancel={onClose}
        onSave={async (wish) => setMade(await createWebhook(wish))}
      />
    </Dialog>
  )
}

const COLUMNS: readonly Column<Webhook>[] = [
  {
    id: 'url',
    name: 'URL',
    isHeader: true,
    cell: ({ url }) => <span className="break-anywhere">{url}</span>,
  },
  {
    id: 'events',
    name: 'Events',
    phone: 'line',
    cell: ({ events }) => (
      <span className="tag-list">
        {events.map((event) => (
          <span key={event} className="tag">
            {event}
          </span>
        ))}
      </span>
    ),
  },
  {
    id: 'status',
    name: 'Status',
    isNarrow: true,
    phone: 'line',
    cell: (webhook) => <WebhookStatus webhook={webhook} />,
  },
  {
    id: 'created',
    name: 'Created',
    isNarrow: true,
    phone: 'hide',
    cell: ({ created_at: at }) => <Time at={at} />,
  },
]
