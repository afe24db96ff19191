import { useState } from 'react'
import { WEBHOOK_EVENTS, type WebhookEvent } from '#dash/api/webhooks.ts'
import { Button } from '#dash/ui/button.tsx'
import { CheckboxList } from '#dash/ui/checkbox-list.tsx'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'

export interface WebhookFormProps {
  readonly url?: string
  readonly events?: readonly WebhookEvent[]
  readonly action: string
  readonly onSave: (wish: { readonly url: string; readonly events: WebhookEvent[] }) => Promise<void>
  readonly onCancel: () => void
}

/** Where events are sent, and which. */
export function WebhookForm({ url = '', events = [], action, onSave, onCancel }: WebhookFormProps) {
  const [chosen, setChosen] = useState<readonly WebhookEvent[]>(events)
  return (
    <Form action={async (values) => onSave({ url: (values['url'] ?? '').trim(), events: [...chosen] })}>
      <TextField
        label="URL"
        name="url"
        type="url"
        isRequired
        autoFocus
        defaultValue={url}
        placeholder="https://example.com/hooks/onehop"
        hint="It is sent a POST, and answers with a 2xx status within five seconds."
      />
      <CheckboxList
        label="Events"
        name="events"
        isRequired
        choices={WEBHOOK_EVENTS.map(({ id, hint }) => ({ id, label: id, hint }))}
        value={chosen}
        onChange={setChosen}
      />
      <div className="dialog-foot">
        <Button onPress={onCancel}>Cancel</Button>
        <SubmitButton isDisabled={chosen.length === 0}>{action}</SubmitButton>
      </div>
    </Form>
  )
}
