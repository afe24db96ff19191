import type { Ctx } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { createQrCode } from './create-qr-code.ts'
import { type QrCode, updateQrCode } from './manage-qr-codes.ts'
import type { QrStyleChanges } from './qr-style.ts'

/**
 * Draw the QR code of a link of the acting team as told, or give the link one in the usual style so changed, counting it
 * against the month's allowance.
 *
 * @returns the code, and whether it is new
 * @throws DomainError as {@link updateQrCode} and `createQrCode` do, but for `qr-code-not-found` and `qr-code-exists`
 */
export async function putQrCode(
  ctx: Ctx,
  slug: string,
  changes: QrStyleChanges,
): Promise<{ readonly code: QrCode; readonly isNew: boolean }> {
  try {
    return { code: await updateQrCode(ctx, slug, changes), isNew: false }
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'qr-code-not-found')) throw error
  }
  try {
    return { code: await createQrCode(ctx, { slug, style: changes }), isNew: true }
  } catch (error) {
    // Somebody else was faster.
    if (!(error instanceof DomainError && error.code === 'qr-code-exists')) throw error
    return { code: await updateQrCode(ctx, slug, changes), isNew: false }
  }
}
