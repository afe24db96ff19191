import { timingSafeEqual } from 'node:crypto'
import type { Services } from '#core/context.ts'
import { sign } from '#core/secrets.ts'
import { insertOptOut } from './weekly-report-queries.ts'

/** Where mails of ours are unsubscribed from, behind the base URL. */
export const UNSUBSCRIBE_PATH = '/api/v2/mail/unsubscribe'

const TOKEN = /^(\d{1,15})\.([\w-]{43})$/

/** The address that ends somebody's weekly reports, without signing in; it does not expire. */
export function unsubscribeUrl(services: Services, userId: number): string {
  return `${services.settings.baseUrl}${UNSUBSCRIBE_PATH}?token=${userId}.${signatureOf(services, userId).toString('base64url')}`
}

/** Whose token it is; undefined for one that is not of our making. */
export function readUnsubscribeToken(services: Services, token: string): number | undefined {
  const [, id = '', given = ''] = TOKEN.exec(token) ?? []
  if (id === '') return undefined
  const userId = Number(id)
  const signature = Buffer.from(given, 'base64url')
  const expected = signatureOf(services, userId)
  return signature.length === expected.length && timingSafeEqual(signature, expected) ? userId : undefined
}

/**
 * End weekly reports by the token of a mail. Doing it twice does it once.
 *
 * @returns false for a token that is not of our making; nothing changed then
 */
export async function unsubscribe(services: Services, token: string): Promise<boolean> {
  const userId = readUnsubscribeToken(services, token)
  if (userId === undefined) return false
  await insertOptOut(services.db, userId, services.now())
  return true
}

function signatureOf(services: Services, userId: number): Buffer {
  return sign(services.secrets, 'unsubscribe', `weekly-report ${userId}`)
}
