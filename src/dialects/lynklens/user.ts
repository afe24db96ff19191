import { Hono } from 'hono'
import { z } from 'zod'
import type { ApiKey } from '#core/accounts/account.ts'
import { actInTeam } from '#core/accounts/act-in-team.ts'
import { createKey, listKeys, revokeKey } from '#core/accounts/api-keys.ts'
import { getProfile, listTeams, parseName, type Profile, updateProfile } from '#core/accounts/profile.ts'
import { getTeamLimits, type TeamLimits } from '#core/billing/limits.ts'
import type { Usage } from '#core/billing/usage.ts'
import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { parseExpiry } from '#core/links/link.ts'
import { countTeamLinks } from '#core/links/manage-links.ts'
import { ABILITIES, requireMember } from '#core/permissions.ts'
import { countTeamQrCodes } from '#core/qr/manage-qr-codes.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { queryInt } from '#http/read-query.ts'
import { success, timestamp } from './envelope.ts'
import { body, oneOf, requiredText, text } from './fields.ts'

/** Source: contract "/v1/user - Update user profile". */
const ProfileBody = body({ name: requiredText.optional() })

/** Source: contract "Token Permissions" and "POST /v1/user/tokens". */
const TokenBody = body({
  name: requiredText,
  abilities: z
    .array(oneOf('*', ...ABILITIES), { error: 'must be an array of abilities' })
    .min(1, 'must not be empty')
    .nullish(),
  expires_at: text.nullish(),
})

/** Account, tokens and limits. */
export function user(): Hono<Env> {
  return new Hono<Env>()
    .get('/user', async (c) => c.json(success(await userToWire(c.var.ctx, await getProfile(c.var.ctx)))))
    .on(['PUT', 'PATCH'], '/user', async (c) => {
      const { name } = await readJson(c.req, ProfileBody)
      const profile = await updateProfile(c.var.ctx, {
        name: name === undefined ? undefined : parseName(name),
      })
      return c.json(success(await userToWire(c.var.ctx, profile), 'Profile updated successfully.'))
    })
    .get('/user/tokens', async (c) => c.json(success((await listKeys(c.var.ctx)).map(tokenToWire))))
    .post('/user/tokens', async (c) => {
      const fields = await readJson(c.req, TokenBody)
      const { ctx } = c.var
      const { key, secret } = await createKey(ctx, {
        dialect: 'lynklens',
        name: parseName(fields.name),
        // Without a word about it, a token may do what its maker may.
        abilities: fields.abilities ?? requireMember(ctx.actor).grant,
        expiresAt: fields.expires_at ? parseExpiry(fields.expires_at, ctx.now()) : undefined,
      })
      return c.json(success({ token: secret, ...tokenToWire(key) }, 'Token created successfully.'), 201)
    })
    .delete('/user/tokens/:id', async (c) => {
      const id = c.req.param('id')
      if (!/^\d{1,15}$/.test(id)) throw new DomainError('key-not-found', { id })
      await revokeKey(c.var.ctx, { id: Number(id) })
      return c.json(success([], 'Token revoked successfully.'))
    })
    .get('/user/limits', async (c) => {
      const teamId = queryInt(c.req, 'team_id', { min: 0, max: Number.MAX_SAFE_INTEGER, default: 0 })
      const ctx = teamId === 0 ? c.var.ctx : await actInTeam(c.var.ctx, teamId)
      return c.json(success(limitsToWire(await getTeamLimits(ctx))))
    })
    .get('/groups', async (c) => {
      const teams = await listTeams(c.var.ctx)
      return c.json(
        success(
          teams.map(({ id, name, isPersonal, role }) => ({
            id,
            name,
            personal_team: isPersonal,
            role,
            is_owner: role === 'owner',
          })),
        ),
      )
    })
}

async function userToWire(ctx: Ctx, { user: { id, name, email }, plan }: Profile) {
  return {
    id,
    name,
    email,
    // An address is whatever its owner signed up with; there is no account that may not use the API for it.
    is_verified: true,
    subscription: { plan, status: 'active' },
    stats: { total_links: await countTeamLinks(ctx), total_qr_codes: await countTeamQrCodes(ctx) },
  }
}

function tokenToWire(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    abilities: key.abilities,
    last_used_at: key.lastUsedAt && timestamp(key.lastUsedAt),
    expires_at: key.expiresAt && timestamp(key.expiresAt),
    created_at: timestamp(key.createdAt),
  }
}

function limitsToWire({ plan, links, qrCodes, apiCalls, resetsAt }: TeamLimits) {
  return {
    rate_limit: { limit: plan.apiCallsPerMinute, window: 'minute' },
    plan_limits: {
      links_per_month: links.limit ?? UNLIMITED,
      qr_codes_per_month: qrCodes.limit ?? UNLIMITED,
      api_calls_per_month: apiCalls.limit ?? UNLIMITED,
      custom_slugs: true,
      analytics_retention_days: plan.analyticsDays ?? UNLIMITED,
    },
    usage: { links: usageToWire(links), qr_codes: usageToWire(qrCodes), resets_at: timestamp(resetsAt) },
  }
}

/** Source: contract "Enterprise users will see -1 for limits, null for remaining". */
const UNLIMITED = -1

function usageToWire({ used, limit }: Usage) {
  return {
    used,
    limit: limit ?? UNLIMITED,
    remaining: limit === null ? null : Math.max(0, limit - used),
    unlimited: limit === null,
  }
}
