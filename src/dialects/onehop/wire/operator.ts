import { z } from 'zod'
import { body, flag, instant, integer, oneOf, text } from './fields.ts'
import { Member } from './teams.ts'
import { MetricUsage } from './usage.ts'

/** The most that a limit or credits can be set to; that of the product. */
const MAX_AMOUNT = 1_000_000_000_000

export const OperatorUser = z
  .object({
    id: z.int(),
    email: z.string(),
    name: z.string(),
    is_operator: z.boolean(),
    status: z.enum(['active', 'blocked']),
    plan: z.string(),
    team: z.int().meta({ description: 'The personal team; plan, links and clicks are its.' }),
    links: z.int(),
    clicks: z.int().meta({ description: 'This month.' }),
    created_at: instant,
    last_seen_at: instant.nullable(),
  })
  .meta({ id: 'OperatorUser' })
export type OperatorUser = z.infer<typeof OperatorUser>

export const OperatorUserNew = body({
  email: text,
  password: text.nullish().meta({ description: 'Absent: the user sets one by a link that is mailed.' }),
  name: text.nullish(),
  plan: text.nullish(),
  is_operator: flag.optional(),
})
export type OperatorUserNew = z.infer<typeof OperatorUserNew>

export const OperatorUserChange = body({
  status: oneOf('active', 'blocked').optional(),
  is_operator: flag.optional(),
  name: text.optional(),
})
export type OperatorUserChange = z.infer<typeof OperatorUserChange>

/** What an operator can set limits and credits of. */
export const PlanMetric = z.enum(['links', 'qr_codes', 'api_calls', 'clicks', 'lookups'])
export type PlanMetric = z.infer<typeof PlanMetric>

export const OperatorTeam = z
  .object({
    id: z.int(),
    name: z.string(),
    is_personal: z.boolean(),
    created_at: instant,
    deleted_at: instant.nullable(),
    plan: z.string(),
    month: z.string(),
    metrics: z.array(MetricUsage),
    overrides: z.array(z.object({ metric: PlanMetric, value: z.int().nullable() })),
    links: z.int(),
    files: z.int(),
    members: z.array(Member),
  })
  .meta({ id: 'OperatorTeam' })
export type OperatorTeam = z.infer<typeof OperatorTeam>

export const PlanGrant = body({ plan: text })
export type PlanGrant = z.infer<typeof PlanGrant>

export const OverrideChange = body({
  value: integer(0, MAX_AMOUNT).nullable().meta({ description: 'A month; null is unlimited.' }),
})
export type OverrideChange = z.infer<typeof OverrideChange>

export const CreditsChange = body({ balance: integer(0, MAX_AMOUNT) })
export type CreditsChange = z.infer<typeof CreditsChange>

export const DataSource = z
  .object({
    name: z.string(),
    part: z.string().meta({ description: 'Which file of the source; empty where there is one alone.' }),
    title: z.string(),
    licence: z.string(),
    url: z.string().nullable().meta({ description: 'Where the file came from, or its name.' }),
    state: z.enum(['starter', 'downloaded', 'imported', 'missing']),
    rows: z.int().nullable(),
    size_bytes: z.int().nullable(),
    date: z.string().nullable().meta({ description: 'The day the data are of.' }),
    age_days: z.int().nullable(),
    obtained_at: z.string().nullable(),
    problem: z.string().nullable(),
  })
  .meta({ id: 'DataSource' })
export type DataSource = z.infer<typeof DataSource>

export const DataTerms = z
  .object({
    name: z.string(),
    url: z.string().meta({ description: 'Where they are in full.' }),
    text: z.string().meta({ description: 'What is agreed to.' }),
    sources: z.array(z.string()).meta({ description: 'Names of the sources that come with them.' }),
    accepted_at: instant.nullable(),
  })
  .meta({ id: 'DataTerms' })
export type DataTerms = z.infer<typeof DataTerms>

export const NetworkDataState = z
  .object({
    built_at: instant.nullable().meta({ description: 'Null while there is nothing to answer from.' }),
    updating: z.boolean(),
    problem: z.string().nullable().meta({ description: 'What was wrong with the last update.' }),
    sources: z.array(DataSource),
    terms: z.array(DataTerms),
  })
  .meta({ id: 'NetworkDataState' })
export type NetworkDataState = z.infer<typeof NetworkDataState>

export const Health = z
  .object({
    version: z.string(),
    uptime_s: z.int(),
    database: z.object({ kind: z.enum(['sqlite', 'postgres']), size_bytes: z.int().nullable() }),
    spool: z
      .object({ waiting_bytes: z.int(), lag_s: z.int(), problem: z.string().nullable() })
      .meta({ description: 'Clicks that are not in the database yet.' }),
    deliveries: z.object({
      waiting: z.int(),
      held: z.int(),
      failed_24h: z.int(),
      oldest_s: z.int().meta({ description: 'For how long the first that waits should have gone out.' }),
    }),
    tasks: z.array(
      z.object({
        name: z.string(),
        last_run: instant.nullable(),
        outcome: z.enum(['running', 'done', 'failed', 'stopped', 'lost']).nullable(),
        next_at: instant.nullable(),
        problem: z.string().nullable(),
      }),
    ),
    memory_bytes: z.int(),
  })
  .meta({ id: 'Health' })
export type Health = z.infer<typeof Health>
