import { useQueryClient } from '@tanstack/react-query'
import { useAccountChanges } from '#dash/api/settings.ts'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { Card } from '#dash/ui/page.tsx'
import { toast } from '#dash/ui/toast.tsx'
import { ProofFields, proofOf } from './proof-fields.tsx'

/** A new password. */
export function PasswordCard() {
  const { changePassword } = useAccountChanges()
  const client = useQueryClient()
  return (
    <Card title="Password" text="A new one signs you out everywhere, here too. API keys go on working.">
      <Form
        action={async (values) => {
          await changePassword(proofOf(values), values['password'] ?? '')
          toast('Password changed', 'Sign in with the new one.')
          // The session has ended: whatever is asked for next leads to the sign-in page.
          await client.resetQueries({ queryKey: ['account'] })
        }}
      >
        <ProofFields />
        <TextField
          label="New password"
          name="password"
          type="password"
          isRequired
          minLength={8}
          autoComplete="new-password"
          hint="At least 8 characters; a few words are better than one with tricks."
        />
        <div className="button-row">
          <SubmitButton variant="secondary">Change password</SubmitButton>
        </div>
      </Form>
    </Card>
  )
}
