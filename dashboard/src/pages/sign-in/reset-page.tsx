import { useState } from 'react'
import { Link } from 'react-aria-components/Link'
import { useLocation, useSearchParams } from 'wouter'
import { call, hasCode } from '#dash/api/client.ts'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { toast } from '#dash/ui/toast.tsx'
import { SignInFrame } from './sign-in-frame.tsx'

/** Set a new password with the link from a mail. */
export function ResetPage() {
  const [search] = useSearchParams()
  const [, navigate] = useLocation()
  const [needsCode, setNeedsCode] = useState(false)
  const token = search.get('token') ?? ''
  const again = <Link href="/app/forgot">Ask for another link</Link>
  if (token === '')
    return (
      <SignInFrame title="This link is not whole" text="Open it from the mail once more." foot={again}>
        {null}
      </SignInFrame>
    )
  return (
    <SignInFrame
      title="Set a new password"
      text="Whatever was signed in with the old one is signed out."
      foot={again}
    >
      <Form
        action={async ({ password = '', code = '' }) => {
          try {
            await call('POST', '/password-resets/confirm', {
              body: { token, password, ...(code.trim() !== '' && { code: code.trim() }) },
            })
          } catch (error) {
            if (hasCode(error, 'two-factor-needed')) setNeedsCode(true)
            throw error
          }
          toast('Your new password is set', 'Sign in with it.')
          navigate('/app/sign-in')
        }}
      >
        <TextField
          label="New password"
          name="password"
          type="password"
          isRequired
          minLength={8}
          autoFocus
          autoComplete="new-password"
          hint="At least 8 characters."
        />
        {needsCode && (
          <TextField
            label="Code"
            name="code"
            isRequired
            autoComplete="one-time-code"
            hint="From your authenticator app, or a recovery code."
          />
        )}
        <SubmitButton size="large">Set password</SubmitButton>
      </Form>
    </SignInFrame>
  )
}
