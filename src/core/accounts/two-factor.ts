import { type Ctx, inTransaction, type Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { requireAbility, requireOwnAccount } from '#core/permissions.ts'
import { DEFAULT_QR_STYLE } from '#core/qr/qr-style.ts'
import { type QrImage, renderQr } from '#core/qr/render-qr.ts'
import type { User } from './account.ts'
import { confirmIdentity, confirmPassword, type IdentityProof, type PasswordProof } from './log-in.ts'
import { drawRecoveryCodes, hashRecoveryCode } from './recovery-codes.ts'
import { stepOfCode, takeCodeAttempt } from './second-factor.ts'
import { recordAccountChange } from './record-account-change.ts'
import { drawTotpSecret, otpauthUri } from './totp.ts'
import {
  confirmSecret,
  countRecoveryCodes,
  deleteTwoFactor,
  findTwoFactor,
  holdTwoFactor,
  putPendingSecret,
  replaceRecoveryCodes,
} from './two-factor-queries.ts'

/** Whether the actor's logins need a code. */
export interface TwoFactorState {
  /** Since when; null while they do not. */
  readonly onSince: Date | null
  readonly recoveryCodesLeft: number
}

/** What an authenticator app needs, shown this once. */
export interface TwoFactorEnrolment {
  /** Base32, to be typed where no QR code can be read. */
  readonly secret: string
  /** The `otpauth:` URI that the images are of. */
  readonly uri: string
  readonly svg: QrImage
  readonly png: QrImage
}

/** @throws DomainError `unauthenticated` or `forbidden` */
export async function getTwoFactorState(ctx: Ctx): Promise<TwoFactorState> {
  const { userId } = requireAbility(ctx.actor, 'user:read')
  const factor = await findTwoFactor(ctx.db, userId)
  return {
    onSince: factor?.confirmedAt ?? null,
    recoveryCodesLeft: await countRecoveryCodes(ctx.db, userId),
  }
}

/**
 * Draw a secret for the actor's authenticator app. Nothing is asked of anybody before {@link confirmTwoFactor};
 * enrolling again before that forgets the last secret.
 *
 * @throws DomainError `unauthenticated`, `forbidden`, `rate-limited`, `password-wrong` or `two-factor-on`
 */
export async function enrolTwoFactor(ctx: Ctx, proof: PasswordProof): Promise<TwoFactorEnrolment> {
  const { userId } = requireOwnAccount(ctx.actor)
  const user = await confirmPassword(ctx, userId, proof)
  const secret = drawTotpSecret(ctx.random)
  const sealedSecret = ctx.secrets.seal('two-factor', secret)
  if (!(await putPendingSecret(ctx.db, userId, { sealedSecret, createdAt: ctx.now() })))
    throw new DomainError('two-factor-on', {})
  const uri = otpauthUri(secret, { issuer: new URL(ctx.settings.baseUrl).hostname, account: user.email })
  // Not by `ctx.renderQr`, which keeps what it has drawn in memory.
  const draw = (format: 'svg' | 'png') => renderQr(uri, { ...DEFAULT_QR_STYLE, format })
  return { secret, uri, svg: draw('svg'), png: draw('png') }
}

/**
 * Ask for a second factor at every login from now on, the actor's app having shown a right code of it.
 *
 * @returns the recovery codes, which are shown this once
 * @throws DomainError `unauthenticated`, `forbidden`, `rate-limited`, `password-wrong`, `two-factor-off` before
 *   {@link enrolTwoFactor}, `two-factor-on` or `two-factor-wrong`
 */
export async function confirmTwoFactor(
  ctx: Ctx,
  proof: PasswordProof & { readonly code: string },
): Promise<readonly string[]> {
  const { userId } = requireOwnAccount(ctx.actor)
  const user = await confirmPassword(ctx, userId, proof)
  const factor = await findTwoFactor(ctx.db, userId)
  if (factor === undefined) throw new DomainError('two-factor-off', {})
  if (factor.confirmedAt !== null) throw new DomainError('two-factor-on', {})
  await takeCodeAttempt(ctx, userId)
  const { sealedSecret } = factor
  const step = stepOfCode(ctx, sealedSecret, proof.code)
  if (step === undefined) throw new DomainError('two-factor-wrong', {})
  return inTransaction(ctx, async (tx) => {
    // Whoever confirms at the same time, or enrols again, was faster.
    if (!(await confirmSecret(tx.db, userId, { sealedSecret, step, at: tx.now() })))
      throw new DomainError('two-factor-wrong', {})
    await recordAccountChange(tx, user, { action: 'account.two-factor-on' })
    return issueRecoveryCodes(tx, userId)
  })
}

/**
 * New recovery codes for the actor in the place of those that are left.
 *
 * @returns the codes, which are shown this once
 * @throws DomainError `unauthenticated`, `forbidden`, `rate-limited`, `password-wrong`, `two-factor-needed`,
 *   `two-factor-wrong` or `two-factor-off`
 */
export async function renewRecoveryCodes(ctx: Ctx, proof: IdentityProof): Promise<readonly string[]> {
  const { userId } = requireOwnAccount(ctx.actor)
  const user = await confirmIdentity(ctx, userId, proof)
  return inTransaction(ctx, async (tx) => {
    if (!(await holdTwoFactor(tx.db, userId))) throw new DomainError('two-factor-off', {})
    await recordAccountChange(tx, user, { action: 'account.recovery-codes-renewed' })
    return issueRecoveryCodes(tx, userId)
  })
}

/**
 * Ask for no second factor of the actor any more, and forget secret and recovery codes.
 *
 * @throws DomainError as {@link renewRecoveryCodes} does
 */
export async function turnOffTwoFactor(ctx: Ctx, proof: IdentityProof): Promise<void> {
  const { userId } = requireOwnAccount(ctx.actor)
  const user = await confirmIdentity(ctx, userId, proof)
  await removeTwoFactor(ctx, user)
}

/**
 * Do the same on an operator's word, for somebody who has lost both device and recovery codes.
 *
 * @throws DomainError `two-factor-off`
 */
export async function removeTwoFactor(services: Services, user: User): Promise<void> {
  await inTransaction(services, async (tx) => {
    if (!(await deleteTwoFactor(tx.db, user.id))) throw new DomainError('two-factor-off', {})
    await replaceRecoveryCodes(tx.db, user.id, [])
    await recordAccountChange(tx, user, { action: 'account.two-factor-off' })
  })
}

async function issueRecoveryCodes(tx: Services, userId: number): Promise<readonly string[]> {
  const codes = drawRecoveryCodes(tx.random)
  const hashes = codes.map((code) => hashRecoveryCode(tx.secrets, userId, code))
  await replaceRecoveryCodes(tx.db, userId, hashes)
  return codes
}
