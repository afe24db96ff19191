import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-aria-components/Link'
import { Redirect, useLocation, useSearchParams } from 'wouter'
import { hasCode } from '#dash/api/client.ts'
import { accountQuery, instanceQuery, type SignInInput, useSignIn } from '#dash/api/session.ts'
import { Button } from '#dash/ui/button.tsx'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { nextPage } from './next-page.ts'
import { SignInFrame } from './sign-in-frame.tsx'

/** Sign in with a password and, where the account has one, a second factor. */
export function SignInPage() {
  const [search] = useSearchParams()
  const [, navigate] = useLocation()
  const account = useQuery(accountQuery)
  const instance = useQuery(instanceQuery)
  const signIn = useSignIn()
  const [waiting, setWaiting] = useState<SignInInput>()
  const next = nextPage(search)
  /** Whoever was invited, say. */
  const known = search.get('email') ?? ''

  if (account.data) return <Redirect to={next} replace />
  if (waiting !== undefined)
    return (
      <SignInFrame
        title="Second step"
        text="Type the six digits that your authenticator app shows now, or one of your recovery codes."
      >
        <Form
          action={async ({ code = '' }) => {
            await signIn({ ...waiting, code: code.trim() })
            navigate(next)
          }}
        >
          <TextField
            label="Code"
            name="code"
            isRequired
            autoFocus
            autoComplete="one-time-code"
            placeholder="123456"
          />
          <SubmitButton size="large">Sign in</SubmitButton>
          <Button variant="quiet" onPress={() => setWaiting(undefined)}>
            Back
          </Button>
        </Form>
      </SignInFrame>
    )
  const query = search.size === 0 ? '' : `?${search}`
  return (
    <SignInFrame
      title="Sign in"
      foot={
        instance.data?.signup === 'open' && (
          <>
            New here? <Link href={`/app/sign-up${query}`}>Create an account</Link>
          </>
        )
      }
    >
      <Form
        action={async ({ email = '', password = '' }) => {
          try {
            await signIn({ email, password })
          } catch (error) {
            if (!hasCode(error, 'two-factor-needed')) throw error
            setWaiting({ email, password })
            return
          }
          navigate(next)
        }}
      >
        <TextField
          label="E-mail"
          name="email"
          type="email"
          isRequired
          autoFocus={known === ''}
          autoComplete="username"
          defaultValue={known}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          isRequired
          autoFocus={known !== ''}
          autoComplete="current-password"
        />
        <SubmitButton size="large">Sign in</SubmitButton>
        <Link href="/app/forgot" className="sign-in-forgot">
          Forgotten your password?
        </Link>
      </Form>
    </SignInFrame>
  )
}
