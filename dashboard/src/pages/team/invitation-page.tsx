import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-aria-components/Link'
import { useLocation, useSearchParams } from 'wouter'
import { hasCode } from '#dash/api/client.ts'
import { accountQuery, useSignOut, useSwitchTeam } from '#dash/api/session.ts'
import { invitationQuery, roleLabel, useAcceptInvitation } from '#dash/api/teams.ts'
import { SignInFrame } from '#dash/pages/sign-in/sign-in-frame.tsx'
import { Button, LinkButton } from '#dash/ui/button.tsx'
import { FormError } from '#dash/ui/form.tsx'
import { ErrorState, SkeletonRows } from '#dash/ui/states.tsx'
import { toast } from '#dash/ui/toast.tsx'

/** What a mail invites to; joined by whoever the mail was sent to. */
export function InvitationPage() {
  const [search] = useSearchParams()
  const token = search.get('token') ?? ''
  const invitation = useQuery(invitationQuery(token))
  const home = <Link href="/app">Go to the dashboard</Link>
  if (token === '' || hasCode(invitation.error, 'invitation-not-found'))
    return (
      <SignInFrame
        title="This invitation is not valid"
        text="It was withdrawn, has expired or was accepted before. Ask whoever sent it for another."
        foot={home}
      >
        {null}
      </SignInFrame>
    )
  if (invitation.data === undefined)
    return (
      <SignInFrame title="Invitation">
        {invitation.error === null ? (
          <SkeletonRows rows={3} />
        ) : (
          <ErrorState error={invitation.error} onRetry={() => void invitation.refetch()} />
        )}
      </SignInFrame>
    )
  const { team, role, email, has_account: hasAccount } = invitation.data
  return (
    <SignInFrame
      title={`Join ${team.name}`}
      text={`${email} is invited to it as ${/^[aeo]/.test(role) ? 'an' : 'a'} ${roleLabel(role).toLowerCase()}.`}
      foot={home}
    >
      <Join token={token} email={email} hasAccount={hasAccount} teamName={team.name} />
    </SignInFrame>
  )
}

interface JoinProps {
  readonly token: string
  readonly email: string
  readonly hasAccount: boolean
  readonly teamName: string
}

function Join({ token, email, hasAccount, teamName }: JoinProps) {
  const account = useQuery(accountQuery)
  const accept = useAcceptInvitation()
  const switchTeam = useSwitchTeam()
  const signOut = useSignOut()
  const [, navigate] = useLocation()
  if (account.data === undefined) return <SkeletonRows rows={2} />
  if (account.data === null) {
    const next = `/app/invitations?token=${encodeURIComponent(token)}`
    const query = new URLSearchParams({ email, next })
    return (
      <LinkButton
        variant="primary"
        size="large"
        href={`${hasAccount ? '/app/sign-in' : '/app/sign-up'}?${query}`}
      >
        {hasAccount ? 'Sign in to join' : 'Create an account to join'}
      </LinkButton>
    )
  }
  if (account.data.email !== email)
    return (
      <>
        <p className="soft">
          You are signed in as {account.data.email}. Sign in as {email} to join.
        </p>
        <Button size="large" isPending={signOut.isPending} onPress={() => signOut.mutate()}>
          Sign out
        </Button>
      </>
    )
  const error = accept.error ?? switchTeam.error
  async function join(): Promise<void> {
    const { id } = await accept.mutateAsync(token)
    await switchTeam.mutateAsync(id)
    toast(`You are in ${teamName} now`)
    navigate('/app')
  }
  return (
    <>
      {error !== null && <FormError error={error} />}
      <Button
        variant="primary"
        size="large"
        isPending={accept.isPending || switchTeam.isPending}
        // What it throws is shown above.
        onPress={() => void join().catch(() => {})}
      >
        Join team
      </Button>
    </>
  )
}
