import { useInfiniteQuery } from '@tanstack/react-query'
import { Laptop } from 'lucide-react'
import { rowsOf } from '#dash/api/list.ts'
import { type Session, sessionsQuery, useEndSession } from '#dash/api/settings.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { Button } from '#dash/ui/button.tsx'
import { Time } from '#dash/ui/format.tsx'
import { Card } from '#dash/ui/page.tsx'
import { Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'

/** Where the account is signed in. */
export function SessionsCard() {
  const sessions = useInfiniteQuery(sessionsQuery)
  const end = useEndSession()
  const hasOthers = sessions.data !== undefined && rowsOf(sessions.data).length > 1
  return (
    <Card
      title="Sessions"
      text="Browsers that are signed in."
      actions={
        hasOthers && (
          <Button
            size="small"
            isPending={end.isPending}
            onPress={() =>
              end.mutate(undefined, {
                onSuccess: () => toast('Signed out everywhere else'),
                onError: (error) => toastError('The sessions could not be ended', error),
              })
            }
          >
            Sign out everywhere else
          </Button>
        )
      }
    >
      <Loaded query={sessions}>
        {(data) => (
          <>
            <ul className="plain-list">
              {rowsOf(data).map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
            {sessions.hasNextPage && (
              <Button size="small" onPress={() => void sessions.fetchNextPage()}>
                Load more
              </Button>
            )}
          </>
        )}
      </Loaded>
    </Card>
  )
}

function SessionRow({ session }: { readonly session: Session }) {
  const end = useEndSession()
  return (
    <li>
      <span className="with-icon">
        <Laptop size={18} className="faint" aria-hidden="true" />
        <span className="two-lines">
          <span className="clip">{session.client || 'Unknown browser'}</span>
          <span className="faint sessions-when">
            Signed in <Time at={session.created_at} as="day" />, used <Time at={session.last_used_at} />
          </span>
        </span>
      </span>
      {session.current ? (
        <Badge tone="good">This one</Badge>
      ) : (
        <Button
          size="small"
          variant="quiet"
          isPending={end.isPending}
          onPress={() =>
            end.mutate(session.id, {
              onSuccess: () => toast('Session ended'),
              onError: (error) => toastError('The session could not be ended', error),
            })
          }
        >
          Sign out
        </Button>
      )}
    </li>
  )
}
