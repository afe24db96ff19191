import { type Context, Hono } from 'hono'
import {
  confirmTwoFactor,
  enrolTwoFactor,
  getTwoFactorState,
  renewRecoveryCodes,
  turnOffTwoFactor,
} from '#core/accounts/two-factor.ts'
import type { IdentityProof } from '#core/accounts/log-in.ts'
import type { QrImage } from '#core/qr/render-qr.ts'
import type { Env } from '#http/dialect.ts'
import { readJson } from '#http/read-json.ts'
import { body, text } from './fields.ts'

const EnrolBody = body({ current_password: text })
const ConfirmBody = body({ current_password: text, code: text })
const ProofBody = body({ current_password: text, code: text.nullish() })

/** The second factor of whoever asks. */
export function twoFactor(): Hono<Env> {
  return new Hono<Env>()
    .get('/', async (c) => {
      const { onSince, recoveryCodesLeft } = await getTwoFactorState(c.var.ctx)
      return c.json({
        enabled: onSince !== null,
        enabled_at: onSince?.toISOString() ?? null,
        recovery_codes_left: recoveryCodesLeft,
      })
    })
    .post('/', async (c) => {
      const fields = await readJson(c.req, EnrolBody)
      const { secret, uri, svg, png } = await enrolTwoFactor(c.var.ctx, {
        password: fields.current_password,
        clientKey: c.env.client.limitKey,
      })
      return c.json({ secret, uri, qr_svg: dataUri(svg), qr_png: dataUri(png) }, 201)
    })
    .post('/confirm', async (c) => {
      const fields = await readJson(c.req, ConfirmBody)
      const codes = await confirmTwoFactor(c.var.ctx, {
        password: fields.current_password,
        code: fields.code,
        clientKey: c.env.client.limitKey,
      })
      return c.json({ recovery_codes: codes })
    })
    .post('/recovery-codes', async (c) => {
      const codes = await renewRecoveryCodes(c.var.ctx, await readProof(c))
      return c.json({ recovery_codes: codes })
    })
    .delete('/', async (c) => {
      await turnOffTwoFactor(c.var.ctx, await readProof(c))
      return c.body(null, 204)
    })
}

async function readProof(c: Context<Env>): Promise<IdentityProof> {
  const fields = await readJson(c.req, ProofBody)
  return {
    password: fields.current_password,
    code: fields.code ?? undefined,
    clientKey: c.env.client.limitKey,
  }
}

function dataUri({ contentType, body: bytes }: QrImage): string {
  return `data:${contentType};base64,${Buffer.from(bytes).toString('base64')}`
}
