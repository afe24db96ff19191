import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-aria-components/Link'
import { call } from '#dash/api/client.ts'
import { instanceQuery } from '#dash/api/session.ts'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { SignInFrame } from './sign-in-frame.tsx'

/** Ask for a mail with which a new password can be set. */
export function ForgotPage() {
  const [sentTo, setSentTo] = useState<string>()
  const instance = useQuery(instanceQuery)
  const foot = <Link href="/app/sign-in">Back to sign in</Link>
  if (sentTo !== undefined)
    return (
      <SignInFrame
        title="Look into your mail"
        text={`If ${sentTo} has an account here, a link to set a new password is on its way. It works for an hour, once.`}
        foot={foot}
      >
        {null}
      </SignInFrame>
    )
  return (
    <SignInFrame
      title="Forgotten your password?"
      text={
        instance.data?.mail === false
          ? 'This server does not send mail now. Ask whoever runs it to set a new password for you.'
          : 'We send you a link with which you can set a new one.'
      }
      foot={foot}
    >
      <Form
        action={async ({ email = '' }) => {
          await call('POST', '/password-resets', { body: { email } })
          setSentTo(email)
        }}
      >
        <TextField label="E-mail" name="email" type="email" isRequired autoFocus autoComplete="username" />
        <SubmitButton size="large">Send the link</SubmitButton>
      </Form>
    </SignInFrame>
  )
}
