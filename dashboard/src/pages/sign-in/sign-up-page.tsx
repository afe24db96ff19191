import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-aria-components/Link'
import { Redirect, useLocation, useSearchParams } from 'wouter'
import { accountQuery, instanceQuery, useSignUp } from '#dash/api/session.ts'
import { TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { nextPage } from './next-page.ts'
import { SignInFrame } from './sign-in-frame.tsx'

/** Create an account. The first one of an installation is told that it will run it. */
export function SignUpPage() {
  const [search] = useSearchParams()
  const [, navigate] = useLocation()
  const account = useQuery(accountQuery)
  const instance = useQuery(instanceQuery)
  const signUp = useSignUp()
  const next = nextPage(search)

  if (account.data) return <Redirect to={next} replace />
  const isFirst = instance.data?.has_accounts === false
  const foot = (
    <>
      Already have an account?{' '}
      <Link href={`/app/sign-in${search.size === 0 ? '' : `?${search}`}`}>Sign in</Link>
    </>
  )
  if (instance.data?.signup === 'closed' && !isFirst)
    return (
      <SignInFrame
        title="Sign-up is closed"
        text="Whoever runs this server creates its accounts. Ask them for one."
        foot={foot}
      >
        {null}
      </SignInFrame>
    )
  return (
    <SignInFrame
      title={isFirst ? 'Set up this server' : 'Create an account'}
      text={isFirst ? 'The first account runs the server: its users, plans and network data.' : undefined}
      foot={foot}
    >
      <Form
        action={async ({ email = '', password = '', name = '' }) => {
          await signUp({ email, password, ...(name.trim() !== '' && { name: name.trim() }) })
          navigate(next)
        }}
      >
        <TextField label="Name" name="name" autoComplete="name" autoFocus />
        <TextField
          label="E-mail"
          name="email"
          type="email"
          isRequired
          autoComplete="username"
          defaultValue={search.get('email') ?? ''}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          isRequired
          minLength={8}
          autoComplete="new-password"
          hint="At least 8 characters; a few words are better than one with tricks."
        />
        <SubmitButton size="large">Create account</SubmitButton>
      </Form>
    </SignInFrame>
  )
}
