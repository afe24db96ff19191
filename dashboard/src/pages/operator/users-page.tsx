import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Ban, CircleCheck, KeyRound, MoreHorizontal, Plus, Shield, ShieldOff, UsersRound } from 'lucide-react'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { plansQuery } from '#dash/api/billing.ts'
import { rowsOf } from '#dash/api/list.ts'
import { type OperatorUser, useOperatorChanges, usersQuery } from '#dash/api/operator.ts'
import { instanceQuery, useAccount } from '#dash/api/session.ts'
import { Badge } from '#dash/ui/badge.tsx'
import { Button, IconButton } from '#dash/ui/button.tsx'
import { confirm } from '#dash/ui/confirm.tsx'
import { type Column, DataTable } from '#dash/ui/data-table.tsx'
import { Dialog } from '#dash/ui/dialog.tsx'
import { Checkbox, SearchField, Select, TextField } from '#dash/ui/fields.tsx'
import { Form, SubmitButton } from '#dash/ui/form.tsx'
import { formatCount, plural, Time } from '#dash/ui/format.tsx'
import { Menu, MenuItem, MenuSeparator } from '#dash/ui/menu.tsx'
import { Page } from '#dash/ui/page.tsx'
import { EmptyState, Loaded } from '#dash/ui/states.tsx'
import { toast, toastError } from '#dash/ui/toast.tsx'
import { OperatorOnly } from './operator-only.tsx'

/** Everybody who has an account here. */
export function UsersPage() {
  return (
    <OperatorOnly>
      <Users />
    </OperatorOnly>
  )
}

function Users() {
  const [search, setSearch] = useSearchParams()
  const words = search.get('search') ?? ''
  const users = useInfiniteQuery({ ...usersQuery(words), placeholderData: keepPreviousData })
  return (
    <Page
      title="Users"
      text="Everybody who has an account here. A press on one shows the plan and what is used of it."
      actions={
        <Button variant="primary" icon={<Plus size={16} />} onPress={() => setSearch({ new: '' })}>
          Add user
        </Button>
      }
    >
      <div className="stack">
        <div className="lookup-filter">
          <SearchField
            label="Search users"
            placeholder="Name or e-mail"
            value={words}
            onChange={(next) => setSearch(next === '' ? {} : { search: next }, { replace: true })}
          />
        </div>
        <Loaded query={users}>
          {(data) => (
            <DataTable
              label="Users"
              columns={COLUMNS}
              rows={rowsOf(data)}
              rowId={({ id }) => String(id)}
              rowHref={({ team }) => `/app/operator/teams/${team}`}
              hasMore={users.hasNextPage}
              isLoadingMore={users.isFetchingNextPage}
              onLoadMore={() => void users.fetchNextPage()}
              foot={plural(rowsOf(data).length, 'user')}
              empty={
                <EmptyState
                  icon={<UsersRound size={24} />}
                  title="Nobody is called that"
                  text="Search for a part of the name or the e-mail address."
                >
                  <Button onPress={() => setSearch({})}>Clear search</Button>
                </EmptyState>
              }
            />
          )}
        </Loaded>
      </div>
      {search.has('new') && <AddUserDialog onClose={() => setSearch({})} />}
    </Page>
  )
}

const COLUMNS: readonly Column<OperatorUser>[] = [
  {
    id: 'user',
    name: 'User',
    isHeader: true,
    cell: ({ name, email, is_operator: isOperator, status }) => (
      <div className="two-lines">
        <span className="break-anywhere">{name || email}</span>
        <span className="small faint">
          {name !== '' && <span className="break-anywhere">{email}</span>}
          {isOperator && <Badge tone="accent">Operator</Badge>}
          {status === 'blocked' && <Badge tone="bad">Blocked</Badge>}
        </span>
      </div>
    ),
  },
  {
    id: 'plan',
    name: 'Plan',
    isNarrow: true,
    phone: 'line',
    cell: ({ plan }) => plan,
  },
  {
    id: 'links',
    name: 'Links',
    isNarrow: true,
    align: 'end',
    phone: 'inline',
    phoneLabel: 'Links',
    cell: ({ links }) => formatCount(links),
  },
  {
    id: 'clicks',
    name: 'Clicks this month',
    isNarrow: true,
    align: 'end',
    phone: 'inline',
    phoneLabel: 'Clicks',
    cell: ({ clicks }) => formatCount(clicks),
  },
  {
    id: 'seen',
    name: 'Last seen',
    isNarrow: true,
    phone: 'inline',
    phoneLabel: 'Seen',
    cell: ({ last_seen_at: at }) => (at === null ? <span className="faint">never</span> : <Time at={at} />),
  },
  {
    id: 'actions',
    name: 'Actions',
    isNameHidden: true,
    isNarrow: true,
    align: 'end',
    phone: 'corner',
    cell: (user) => <UserActions user={user} />,
  },
]

function UserActions({ user }: { readonly user: OperatorUser }) {
  const account = useAccount()
  const { changeUser, sendReset } = useOperatorChanges()
  const name = user.name || user.email
  const isBlocked = user.status === 'blocked'

  async function run(action: () => Promise<void>, done: string, failed: string): Promise<void> {
    try {
      await action()
      toast(done)
    } catch (error) {
      toastError(failed, error)
    }
  }

  async function turn(): Promise<void> {
    if (!isBlocked) {
      const isSure = await confirm({
        title: `Block ${name}?`,
        text: 'They are signed out, and their keys are refused. Their links go on leading.',
        action: 'Block user',
      })
      if (!isSure) return
    }
    await run(
      () => changeUser(user.id, { status: isBlocked ? 'active' : 'blocked' }),
      isBlocked ? 'User unblocked' : 'User blocked',
      'This could not be changed',
    )
  }

  return (
    <Menu
      label={`Actions for ${name}`}
      button={<IconButton size="small" label="More" icon={<MoreHorizontal size={16} />} />}
    >
      <MenuItem icon={<UsersRound size={16} />} href={`/app/operator/teams/${user.team}`}>
        Plan and usage
      </MenuItem>
      <MenuItem
        icon={<KeyRound size={16} />}
        onAction={() =>
          void run(() => sendReset(user.id), 'Mail for a new password sent', 'The mail could not be sent')
        }
      >
        Send password reset
      </MenuItem>
      <MenuItem
        icon={user.is_operator ? <ShieldOff size={16} /> : <Shield size={16} />}
        onAction={() =>
          void run(
            () => changeUser(user.id, { is_operator: !user.is_operator }),
            user.is_operator ? `${name} is no operator any more` : `${name} is an operator now`,
            'This could not be changed',
          )
        }
      >
        {user.is_operator ? 'Make no operator' : 'Make operator'}
      </MenuItem>
      {user.id !== account.id ? (
        <>
          <MenuSeparator />
          <MenuItem
            icon={isBlocked ? <CircleCheck size={16} /> : <Ban size={16} />}
            {...(!isBlocked && { tone: 'danger' as const })}
            onAction={() => void turn()}
          >
            {isBlocked ? 'Unblock user' : 'Block user'}
          </MenuItem>
        </>
      ) : null}
    </Menu>
  )
}

function AddUserDialog({ onClose }: { readonly onClose: () => void }) {
  const { addUser } = useOperatorChanges()
  const plans = useQuery(plansQuery)
  const instance = useQuery(instanceQuery)
  const [plan, setPlan] = useState('')
  const [isOperator, setOperator] = useState(false)
  const canMail = instance.data?.mail === true
  return (
    <Dialog title="Add a user" isOpen isKept onOpenChange={onClose}>
      <Form
        action={async ({ email = '', name = '', password = '' }) => {
          await addUser({
            email: email.trim(),
            name: name.trim(),
            ...(password !== '' && { password }),
            ...(plan !== '' && { plan }),
            is_operator: isOperator,
          })
          toast('User added', email)
          onClose()
        }}
      >
        <TextField label="E-mail" name="email" type="email" isRequired autoFocus autoComplete="off" />
        <TextField label="Name" name="name" autoComplete="off" />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          isRequired={!canMail}
          minLength={8}
          hint={
            canMail ? 'Without one, they set it by a link that is mailed to them.' : 'At least 8 characters.'
          }
        />
        <Select
          label="Plan"
          name="plan"
          choices={[
            { id: '', label: 'That of new accounts' },
            ...(plans.data?.data ?? []).map(({ name }) => ({ id: name, label: name })),
          ]}
          value={plan}
          onChange={setPlan}
        />
        <Checkbox isSelected={isOperator} onChange={setOperator}>
          Operator of this server
        </Checkbox>
        <div className="dialog-foot">
          <Button onPress={onClose}>Cancel</Button>
          <SubmitButton>Add user</SubmitButton>
        </div>
      </Form>
    </Dialog>
  )
}
