import { parsePassword } from '#core/accounts/account.ts'
import { changePassword } from '#core/accounts/change-password.ts'
import { getProfile, parseName, type Profile, updateProfile } from '#core/accounts/profile.ts'
import { getTwoFactorState } from '#core/accounts/two-factor.ts'
import type { Ctx } from '#core/context.ts'
import { endpoint } from './endpoint.ts'
import { Account, AccountChange, PasswordChange } from './wire/account.ts'

/** The account of whoever asks. */
export const accountEndpoints = [
  endpoint({
    method: 'GET',
    path: '/account',
    summary: 'Who is signed in',
    tag: 'Account',
    access: 'user:read',
    answer: Account,
    handle: async ({ ctx }) => accountToWire(ctx, await getProfile(ctx)),
  }),
  endpoint({
    method: 'PATCH',
    path: '/account',
    summary: 'Change the name',
    tag: 'Account',
    access: 'own-account',
    body: AccountChange,
    answer: Account,
    handle: async ({ ctx, body: { name } }) =>
      accountToWire(
        ctx,
        await updateProfile(ctx, { name: name === undefined ? undefined : parseName(name) }),
      ),
  }),
  endpoint({
    method: 'POST',
    path: '/account/password',
    summary: 'Change the password',
    description: 'Ends every session, JWT and key that came from logging in, the one that asks included.',
    tag: 'Account',
    access: 'own-account',
    body: PasswordChange,
    status: 204,
    problems: ['password-wrong', 'two-factor-needed', 'two-factor-wrong', 'rate-limited'],
    handle: async ({ ctx, body, client }) => {
      await changePassword(ctx, parsePassword(body.password), {
        password: body.current_password,
        code: body.code ?? undefined,
        clientKey: client.limitKey,
      })
    },
  }),
]

/** An account as whoever has it sees it. */
export async function accountToWire(ctx: Ctx, { user, plan, team }: Profile): Promise<Account> {
  const { onSince } = await getTwoFactorState(ctx)
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    is_operator: user.isOperator,
    plan,
    two_factor: onSince !== null,
    team: { id: team.id, name: team.name, role: team.role, is_personal: team.isPersonal },
    created_at: user.createdAt.toISOString(),
  }
}
