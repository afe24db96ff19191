import {
  KEY_DIALECTS,
  type KeyDialect,
  parseEmail,
  parsePassword,
  type User,
} from '#core/accounts/account.ts'
import { findAllUsers, findPersonalTeamId, findUserByEmail } from '#core/accounts/account-queries.ts'
import { issueOperatorKey } from '#core/accounts/api-keys.ts'
import { blockAccount, unblockAccount } from '#core/accounts/block-account.ts'
import { replacePassword } from '#core/accounts/change-password.ts'
import { createAccount } from '#core/accounts/create-account.ts'
import { parseRootDomain } from '#core/accounts/request-origin.ts'
import { releaseOrigin } from '#core/accounts/request-origins.ts'
import { removeTwoFactor } from '#core/accounts/two-factor.ts'
import { findPlan } from '#core/billing/plan.ts'
import { setPlan, setRemaining } from '#core/billing/set-plan.ts'
import { MAX_SURCHARGE, setSurcharge, type Surcharge } from '#core/billing/surcharge.ts'
import { getPlan } from '#core/billing/usage.ts'
import type { Services } from '#core/context.ts'
import { ABILITIES, type AbilityGrant } from '#core/permissions.ts'
import { columns } from './columns.ts'
import { CommandError } from './command-error.ts'

/** Options of the account commands, as they were typed. */
export interface AccountOptions {
  readonly password?: string | undefined
  readonly plan?: string | undefined
  readonly admin?: boolean | undefined
  readonly api?: string | undefined
  readonly name?: string | undefined
  readonly abilities?: string | undefined
  readonly limit?: string | undefined
}

/** A command's work: what it prints, a line each. */
export type Command = (
  services: Services,
  args: readonly string[],
  options: AccountOptions,
) => Promise<readonly string[]>

/** The commands about accounts, plans and keys by their first two words. */
export const ACCOUNT_COMMANDS: Readonly<Partial<Record<string, Command>>> = {
  'user add': async (services, [email], options) => {
    if (options.password === undefined) throw new CommandError('user add needs --password', 2)
    if (options.plan !== undefined) requirePlan(services, options.plan)
    const account = { email: parseEmail(given(email, 'EMAIL')), password: parsePassword(options.password) }
    const user = await createAccount(services, account, { plan: options.plan, isOperator: options.admin })
    const plan = await getPlan(services, await personalTeamId(services, user))
    return [`Added ${user.email} on the ${plan.name} plan${user.isOperator ? ', an operator' : ''}.`]
  },

  'user list': async (services) => {
    const users = await findAllUsers(services.db)
    if (users.length === 0) return ['There are no accounts yet. Add one: onehop user add EMAIL --password P']
    const rows = users.map((user) => [
      String(user.id),
      user.email,
      user.plan ?? '',
      user.isOperator ? 'operator' : 'user',
      user.status,
      user.createdAt.toISOString().slice(0, 10),
    ])
    return columns([['ID', 'EMAIL', 'PLAN', 'ROLE', 'STATUS', 'SINCE'], ...rows])
  },

  'user block': async (services, [email]) => {
    const user = await requireUser(services, email)
    await blockAccount(services, user)
    return [`Blocked ${user.email}: no password, key or session of theirs opens anything.`]
  },

  'user unblock': async (services, [email]) => {
    const user = await requireUser(services, email)
    await unblockAccount(services, user)
    return [`Unblocked ${user.email}.`]
  },

  'user password': async (services, [email], options) => {
    if (options.password === undefined) throw new CommandError('user password needs --password', 2)
    const password = parsePassword(options.password)
    const user = await requireUser(services, email)
    if (!(await replacePassword(services, user, password)))
      throw new CommandError(`the password of ${user.email} was being changed by somebody else; try again`, 1)
    return [`${user.email} has a new password; whatever was signed in with the old one is signed out.`]
  },

  'user two-factor-off': async (services, [email]) => {
    const user = await requireUser(services, email)
    await removeTwoFactor(services, user)
    return [`${user.email} logs in with the password alone.`]
  },

  'plan set': async (services, [email, planName]) => {
    const user = await requireUser(services, email)
    const plan = requirePlan(services, given(planName, 'PLAN'))
    await setPlan(services, await personalTeamId(services, user), plan.name)
    return [`${user.email} is on the ${plan.name} plan.`]
  },

  'plan surcharge': async (services, [email, state], options) => {
    const user = await requireUser(services, email)
    const surcharge = parseSurcharge(state, options.limit)
    await setSurcharge(services, await personalTeamId(services, user), surcharge)
    if (!surcharge.isOn) return [`Lookups of ${user.email} end with their credits.`]
    return [
      `Lookups of ${user.email} go on when their credits are used up, ${surcharge.limit === null ? 'without a limit' : `up to ${surcharge.limit} more a month`}.`,
    ]
  },

  'origin remove': async (services, [domain]) => {
    const root = parseRootDomain(given(domain, 'DOMAIN'))
    await releaseOrigin(services, root)
    return [`Pages of ${root} need a key again.`]
  },

  'credits set': async (services, [email, count]) => {
    const user = await requireUser(services, email)
    const left = given(count, 'N')
    if (!/^\d{1,12}$/.test(left)) throw new CommandError(`"${left}" is not a whole number of credits`, 2)
    await setRemaining(services, await personalTeamId(services, user), 'lookup-credits', Number(left))
    return [`${user.email} has ${left} lookup credits left this month.`]
  },

  'key create': async (services, [email], options) => {
    const user = await requireUser(services, email)
    const { key, secret } = await issueOperatorKey(services, user, {
      dialect: parseDialect(options.api),
      name: options.name ?? 'Command line',
      abilities: parseGrant(options.abilities),
    })
    return [`Key "${key.name}" of ${user.email} for the ${key.dialect} API; it is shown this once:`, secret]
  },
}

async function requireUser(services: Services, email: string | undefined): Promise<User> {
  const found = await findUserByEmail(services.db, parseEmail(given(email, 'EMAIL')))
  if (found === undefined) throw new CommandError(`there is no account of ${email ?? ''}`, 1)
  return found.user
}

async function personalTeamId(services: Services, user: User): Promise<number> {
  const teamId = await findPersonalTeamId(services.db, user.id)
  if (teamId === undefined) throw new Error(`user ${user.id} has no personal team`)
  return teamId
}

function requirePlan(services: Services, name: string) {
  const plan = findPlan(services.plans, name)
  if (plan !== undefined) return plan
  const names = services.plans.plans.map((known) => known.name).join(', ')
  throw new CommandError(`there is no plan "${name}"; there are ${names}`, 2)
}

function parseSurcharge(state: string | undefined, limit: string | undefined): Surcharge {
  if (state !== 'on' && state !== 'off') throw new CommandError('plan surcharge takes "on" or "off"', 2)
  if (state === 'off') return { isOn: false }
  if (limit === undefined) return { isOn: true, limit: null }
  if (!/^\d{1,10}$/.test(limit) || Number(limit) > MAX_SURCHARGE)
    throw new CommandError(`--limit is a whole number of lookups up to ${MAX_SURCHARGE}`, 2)
  return { isOn: true, limit: Number(limit) }
}

function parseDialect(text: string | undefined): KeyDialect {
  const dialect = KEY_DIALECTS.find((known) => known === text)
  if (dialect === undefined) throw new CommandError(`--api must be one of ${KEY_DIALECTS.join(', ')}`, 2)
  return dialect
}

function parseGrant(text = '*'): AbilityGrant {
  return text.split(',').map((word) => {
    const ability = (['*', ...ABILITIES] as const).find((known) => known === word.trim())
    if (ability === undefined)
      throw new CommandError(`there is no ability "${word.trim()}"; there are *, ${ABILITIES.join(', ')}`, 2)
    return ability
  })
}

/** @throws CommandError when the argument is missing */
export function given(value: string | undefined, name: string): string {
  if (value === undefined) throw new CommandError(`${name} is missing`, 2)
  return value
}
