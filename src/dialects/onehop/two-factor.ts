import {
  confirmTwoFactor,
  enrolTwoFactor,
  getTwoFactorState,
  renewRecoveryCodes,
  turnOffTwoFactor,
} from '#core/accounts/two-factor.ts'
import type { IdentityProof as Proof } from '#core/accounts/log-in.ts'
import type { QrImage } from '#core/qr/render-qr.ts'
import type { Client } from '#http/client.ts'
import { endpoint } from './endpoint.ts'
import {
  ConfirmTwoFactor,
  EnrolTwoFactor,
  IdentityProof,
  RecoveryCodes,
  TwoFactorEnrolment,
  TwoFactorState,
} from './wire/two-factor.ts'

const PATH = '/account/two-factor'

/** The second factor of whoever asks. */
export const twoFactorEndpoints = [
  endpoint({
    method: 'GET',
    path: PATH,
    summary: 'Whether a second factor is on',
    tag: 'Account',
    access: 'user:read',
    answer: TwoFactorState,
    handle: async ({ ctx }) => {
      const { onSince, recoveryCodesLeft } = await getTwoFactorState(ctx)
      return {
        enabled: onSince !== null,
        enabled_at: onSince?.toISOString() ?? null,
        recovery_codes_left: recoveryCodesLeft,
      }
    },
  }),
  endpoint({
    method: 'POST',
    path: PATH,
    summary: 'Enrol an authenticator app',
    description: 'Nothing is on until a code of the app confirms it.',
    tag: 'Account',
    access: 'own-account',
    body: EnrolTwoFactor,
    status: 201,
    answer: TwoFactorEnrolment,
    problems: ['password-wrong', 'two-factor-on', 'rate-limited'],
    handle: async ({ ctx, body, client }) => {
      const { secret, uri, svg, png } = await enrolTwoFactor(ctx, {
        password: body.current_password,
        clientKey: client.limitKey,
      })
      return { secret, uri, qr_svg: dataUri(svg), qr_png: dataUri(png) }
    },
  }),
  endpoint({
    method: 'POST',
    path: `${PATH}/confirm`,
    summary: 'Turn the second factor on',
    tag: 'Account',
    access: 'own-account',
    body: ConfirmTwoFactor,
    answer: RecoveryCodes,
    problems: ['password-wrong', 'two-factor-on', 'two-factor-off', 'two-factor-wrong', 'rate-limited'],
    handle: async ({ ctx, body, client }) => ({
      recovery_codes: await confirmTwoFactor(ctx, {
        password: body.current_password,
        code: body.code,
        clientKey: client.limitKey,
      }),
    }),
  }),
  endpoint({
    method: 'POST',
    path: `${PATH}/recovery-codes`,
    summary: 'Draw new recovery codes',
    tag: 'Account',
    access: 'own-account',
    body: IdentityProof,
    answer: RecoveryCodes,
    problems: ['password-wrong', 'two-factor-needed', 'two-factor-off', 'two-factor-wrong', 'rate-limited'],
    handle: async ({ ctx, body, client }) => ({
      recovery_codes: await renewRecoveryCodes(ctx, proofOf(body, client)),
    }),
  }),
  endpoint({
    method: 'DELETE',
    path: PATH,
    summary: 'Turn the second factor off',
    tag: 'Account',
    access: 'own-account',
    body: IdentityProof,
    status: 204,
    problems: ['password-wrong', 'two-factor-needed', 'two-factor-off', 'two-factor-wrong', 'rate-limited'],
    handle: ({ ctx, body, client }) => turnOffTwoFactor(ctx, proofOf(body, client)),
  }),
]

function proofOf(body: IdentityProof, client: Client): Proof {
  return { password: body.current_password, code: body.code ?? undefined, clientKey: client.limitKey }
}

function dataUri({ contentType, body: bytes }: QrImage): string {
  return `data:${contentType};base64,${Buffer.from(bytes).toString('base64')}`
}
