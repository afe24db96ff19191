import { z } from 'zod'
import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { parseName } from '#core/accounts/profile.ts'
import { DomainError, type Metric } from '#core/errors.ts'
import {
  acceptNetworkDataTerms,
  getInstanceHealth,
  getNetworkDataHealth,
  type NetworkDataHealth,
  updateNetworkData,
} from '#core/operator/instance-health.ts'
import {
  getTeamOverview,
  grantTeamPlan,
  overrideLimit,
  setBoughtCredits,
  type TeamOverview,
} from '#core/operator/manage-plans.ts'
import {
  addUser,
  changeUser,
  listUsers,
  mailPasswordReset,
  type UserOverview,
} from '#core/operator/manage-users.ts'
import type { SourceStatus } from '#core/network/sources/source-status.ts'
import { endpoint } from './endpoint.ts'
import type { Instance } from './instance.ts'
import { nextCursor, parseCursor } from './list-cursor.ts'
import { memberToWire, parseTeamId } from './teams.ts'
import { METRIC_NAMES, metricsToWire } from './usage.ts'
import { cursorParameter, limitParameter, listOf } from './wire/fields.ts'
import {
  CreditsChange,
  type DataSource,
  Health,
  NetworkDataState,
  OperatorTeam,
  OperatorUser,
  OperatorUserChange,
  OperatorUserNew,
  OverrideChange,
  PlanGrant,
  type PlanMetric,
} from './wire/operator.ts'

const METRICS = {
  links: 'links',
  qr_codes: 'qr-codes',
  api_calls: 'api-calls',
  clicks: 'clicks',
  lookups: 'lookup-credits',
} as const satisfies Record<PlanMetric, Metric>

const METRIC_PARAMETER = { metric: `One of ${Object.keys(METRICS).join(', ')}.` }

/** What the operator of the installation sees and decides. */
export function operatorEndpoints({ monitor }: Instance) {
  return [
    endpoint({
      method: 'GET',
      path: '/operator/users',
      summary: 'Accounts, newest first',
      tag: 'Operator',
      access: 'operator',
      query: {
        search: z.string().max(200).optional().meta({ description: 'Part of the address or the name.' }),
        limit: limitParameter(100),
        cursor: cursorParameter,
      },
      answer: listOf(OperatorUser),
      handle: async ({ ctx, query: { search, limit, cursor } }) => {
        const { users, hasNext } = await listUsers(ctx, { search, limit, beforeId: parseCursor(cursor) })
        return { data: users.map(userToWire), next_cursor: nextCursor(users, hasNext) }
      },
    }),
    endpoint({
      method: 'POST',
      path: '/operator/users',
      summary: 'Make an account',
      description: 'Whether sign-up is open does not matter.',
      tag: 'Operator',
      access: 'operator',
      body: OperatorUserNew,
      creates: 'the account',
      status: 201,
      answer: OperatorUser,
      problems: ['email-taken'],
      handle: async ({ ctx, body }) =>
        userToWire(
          await addUser(ctx, {
            email: parseEmail(body.email),
            password: body.password ? parsePassword(body.password) : undefined,
            name: body.name ? parseName(body.name) : undefined,
            plan: body.plan ?? undefined,
            isOperator: body.is_operator,
          }),
        ),
    }),
    endpoint({
      method: 'PATCH',
      path: '/operator/users/{id}',
      summary: 'Block or unblock an account, make it an operator, or call it something else',
      tag: 'Operator',
      access: 'operator',
      body: OperatorUserChange,
      answer: OperatorUser,
      problems: ['user-not-found', 'last-operator'],
      handle: async ({ ctx, params, body }) =>
        userToWire(
          await changeUser(ctx, parseUserId(params.id), {
            status: body.status,
            isOperator: body.is_operator,
            name: body.name === undefined ? undefined : parseName(body.name),
          }),
        ),
    }),
    endpoint({
      method: 'POST',
      path: '/operator/users/{id}/password-reset',
      summary: 'Mail somebody a link to set a new password',
      tag: 'Operator',
      access: 'operator',
      status: 202,
      problems: ['user-not-found'],
      handle: ({ ctx, params }) => mailPasswordReset(ctx, parseUserId(params.id)),
    }),
    endpoint({
      method: 'GET',
      path: '/operator/teams/{id}',
      summary: 'A team, and what it uses',
      tag: 'Operator',
      access: 'operator',
      answer: OperatorTeam,
      problems: ['team-not-found'],
      handle: async ({ ctx, params }) => teamToWire(await getTeamOverview(ctx, parseTeamId(params.id))),
    }),
    endpoint({
      method: 'PUT',
      path: '/operator/teams/{id}/plan',
      summary: 'Grant a team a plan, without end',
      description: 'What it had paid for is over.',
      tag: 'Operator',
      access: 'operator',
      body: PlanGrant,
      answer: OperatorTeam,
      problems: ['team-not-found'],
      handle: async ({ ctx, params, body: { plan } }) =>
        teamToWire(await grantTeamPlan(ctx, parseTeamId(params.id), plan)),
    }),
    endpoint({
      method: 'PUT',
      path: '/operator/teams/{id}/overrides/{metric}',
      summary: "Give a team its own limit instead of its plan's",
      tag: 'Operator',
      access: 'operator',
      parameters: METRIC_PARAMETER,
      body: OverrideChange,
      answer: OperatorTeam,
      problems: ['team-not-found', 'invalid-parameter'],
      handle: async ({ ctx, params, body: { value } }) => {
        const change = { metric: parseMetric(params.metric), value }
        return teamToWire(await overrideLimit(ctx, parseTeamId(params.id), change))
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/operator/teams/{id}/overrides/{metric}',
      summary: "Let a team's limit be its plan's again",
      tag: 'Operator',
      access: 'operator',
      parameters: METRIC_PARAMETER,
      answer: OperatorTeam,
      problems: ['team-not-found', 'invalid-parameter'],
      handle: async ({ ctx, params }) => {
        const change = { metric: parseMetric(params.metric), value: undefined }
        return teamToWire(await overrideLimit(ctx, parseTeamId(params.id), change))
      },
    }),
    endpoint({
      method: 'PUT',
      path: '/operator/teams/{id}/credits/{metric}',
      summary: 'Set how many bought credits a team has left',
      tag: 'Operator',
      access: 'operator',
      parameters: METRIC_PARAMETER,
      body: CreditsChange,
      answer: OperatorTeam,
      problems: ['team-not-found', 'invalid-parameter'],
      handle: async ({ ctx, params, body: { balance } }) => {
        const change = { metric: parseMetric(params.metric), balance }
        return teamToWire(await setBoughtCredits(ctx, parseTeamId(params.id), change))
      },
    }),
    endpoint({
      method: 'GET',
      path: '/operator/data',
      summary: 'Where the network data are from, and how old they are',
      tag: 'Operator',
      access: 'operator',
      answer: NetworkDataState,
      handle: ({ ctx }) => dataToWire(getNetworkDataHealth(ctx, monitor)),
    }),
    endpoint({
      method: 'POST',
      path: '/operator/data/terms/{terms}/accept',
      summary: 'Accept the terms that network data come with',
      description: 'The next update fetches what comes with them. Who accepted them is in the audit log.',
      tag: 'Operator',
      access: 'operator',
      parameters: { terms: 'The `name` of the terms.' },
      answer: NetworkDataState,
      problems: ['data-update-busy', 'invalid-parameter'],
      handle: async ({ ctx, params }) => {
        await acceptNetworkDataTerms(ctx, monitor, params.terms)
        return dataToWire(getNetworkDataHealth(ctx, monitor))
      },
    }),
    endpoint({
      method: 'POST',
      path: '/operator/data/update',
      summary: 'Update the network data in the background',
      description: 'Those without terms to accept, and those whose terms were accepted.',
      tag: 'Operator',
      access: 'operator',
      status: 202,
      problems: ['data-update-busy'],
      handle: ({ ctx }) => updateNetworkData(ctx, monitor),
    }),
    endpoint({
      method: 'GET',
      path: '/operator/health',
      summary: 'How the installation is',
      tag: 'Operator',
      access: 'operator',
      answer: Health,
      handle: async ({ ctx }) => {
        const { status, deliveries, tasks } = await getInstanceHealth(ctx, monitor)
        const { oldestDueAt } = deliveries
        const oldestMs = oldestDueAt === undefined ? 0 : ctx.now().getTime() - oldestDueAt.getTime()
        return {
          version: status.version,
          uptime_s: status.uptimeS,
          database: { kind: status.database.kind, size_bytes: status.database.sizeBytes },
          spool: {
            waiting_bytes: status.spool.waitingBytes,
            lag_s: status.spool.lagS,
            problem: status.spool.problem ?? null,
          },
          deliveries: {
            waiting: deliveries.waiting,
            held: deliveries.held,
            failed_24h: deliveries.failed,
            oldest_s: Math.max(0, Math.floor(oldestMs / 1000)),
          },
          tasks: tasks.map(({ name, nextAt, lastRun }) => ({
            name,
            last_run: lastRun?.startedAt.toISOString() ?? null,
            outcome: lastRun?.outcome ?? null,
            next_at: nextAt?.toISOString() ?? null,
            problem: lastRun?.problem ?? null,
          })),
          memory_bytes: status.memoryBytes,
        }
      },
    }),
  ]
}

function userToWire(user: UserOverview): OperatorUser {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    is_operator: user.isOperator,
    status: user.status,
    plan: user.plan,
    team: user.teamId,
    links: user.links,
    clicks: user.clicksThisMonth,
    created_at: user.createdAt.toISOString(),
    last_seen_at: user.lastSeenAt?.toISOString() ?? null,
  }
}

function teamToWire({ team, members, usage, overrides, links, files }: TeamOverview): OperatorTeam {
  return {
    id: team.id,
    name: team.name,
    is_personal: team.personalUserId !== null,
    created_at: team.createdAt.toISOString(),
    deleted_at: team.deletedAt?.toISOString() ?? null,
    plan: usage.plan.name,
    month: usage.month,
    metrics: metricsToWire(usage),
    overrides: overrides.map(({ metric, value }) => ({ metric: METRIC_NAMES[metric], value })),
    links,
    files,
    members: members.map(memberToWire),
  }
}

function dataToWire({ builtAt, sources, terms, isUpdating, problem }: NetworkDataHealth): NetworkDataState {
  return {
    built_at: builtAt?.toISOString() ?? null,
    updating: isUpdating,
    problem: problem ?? null,
    sources: sources.map(sourceToWire),
    terms: terms.map(({ terms: { name, url, text }, sources: names, acceptedAt }) => ({
      name,
      url,
      text: text.replaceAll(/\s*\n\s*/g, ' '),
      sources: [...names],
      accepted_at: acceptedAt ?? null,
    })),
  }
}

function sourceToWire(source: SourceStatus): DataSource {
  return {
    name: source.source,
    part: source.part,
    title: source.title,
    licence: source.license,
    url: source.origin ?? null,
    state: source.kind,
    rows: source.rows ?? null,
    size_bytes: source.sizeBytes ?? null,
    date: source.date ?? null,
    age_days: source.ageDays ?? null,
    obtained_at: source.obtainedAt ?? null,
    problem: problemOf(source),
  }
}

function problemOf({ kind, isLicenseAccepted, isStale }: SourceStatus): string | null {
  // Whoever imports a file has agreed with its publisher.
  if (kind === 'missing' && isLicenseAccepted === false) return 'Its terms are not accepted.'
  return isStale ? 'It is older than it should be.' : null
}

/** @throws DomainError `invalid-parameter` */
function parseMetric(text: string): Metric {
  const known = Object.entries(METRICS).find(([name]) => name === text)
  if (known === undefined)
    throw new DomainError('invalid-parameter', {
      parameter: 'metric',
      problem: `must be one of ${Object.keys(METRICS).join(', ')}`,
    })
  return known[1]
}

/** @throws DomainError `user-not-found` for what is no number of a user */
function parseUserId(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new DomainError('user-not-found', { userId: 0 })
  return Number(text)
}
