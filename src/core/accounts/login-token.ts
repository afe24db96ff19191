import { errors, jwtVerify, SignJWT } from 'jose'
import type { Services } from '#core/context.ts'
import { type Actor, type Anonymous, memberWith } from '#core/permissions.ts'
import type { User } from './account.ts'
import { findLoginBearer } from './account-queries.ts'

/** How long a JWT lasts from logging in. */
export const LOGIN_TOKEN_TTL_S = 24 * 60 * 60
/** How far ahead of ours the clock of a process that shares the database may be. */
const MAX_CLOCK_LEAD_S = 60

const ALGORITHM = 'HS256'
const TYPE = 'JWT'
/** The claim that ends a token with the password it was given for: the version of the user's credentials. */
const VERSION = 'ver'

/**
 * Give a user who has just logged in a JWT (RFC 7519) for the personal team. It is stored nowhere: it lasts for a day,
 * or until the password is changed or the user blocked.
 */
export async function issueLoginToken(services: Services, user: User): Promise<string> {
  const issuedAtS = Math.floor(services.now().getTime() / 1000)
  return new SignJWT({ [VERSION]: user.credentialsVersion })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .setSubject(String(user.id))
    .setIssuedAt(issuedAtS)
    .setExpirationTime(issuedAtS + LOGIN_TOKEN_TTL_S)
    .sign(services.secrets.key('jwt'))
}

/** Whether a credential has the form of a JWT: three base64url parts (RFC 7519 §3), which no key of ours has. */
export function isLoginToken(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)
}

/** Who bears a JWT: a member of the personal team who may do everything there, or nobody and why. */
export async function authenticateLoginToken(services: Services, token: string): Promise<Actor> {
  const claims = await readClaims(services, token)
  if ('kind' in claims) return claims
  const bearer = await findLoginBearer(services.db, claims.userId)
  if (bearer?.isBlocked === true) return { kind: 'anonymous', credential: 'blocked' }
  if (bearer?.credentialsVersion !== claims.version) return UNKNOWN
  return memberWith(bearer, ['*'], null)
}

const UNKNOWN: Anonymous = { kind: 'anonymous', credential: 'unknown' }

interface Claims {
  readonly userId: number
  readonly version: number
}

/** What a token says, if we have signed it and it is of now. */
async function readClaims(services: Services, token: string): Promise<Claims | Anonymous> {
  const now = services.now()
  try {
    const { payload } = await jwtVerify(token, services.secrets.key('jwt'), {
      // Never what the token says of itself (RFC 8725 §3.1).
      algorithms: [ALGORITHM],
      typ: TYPE,
      currentDate: now,
      requiredClaims: ['sub', 'iat', 'exp', VERSION],
    })
    const { iat = Number.NaN, sub = '', [VERSION]: version } = payload
    if (!(iat <= now.getTime() / 1000 + MAX_CLOCK_LEAD_S)) return UNKNOWN
    if (!/^[1-9]\d{0,14}$/.test(sub) || typeof version !== 'number') return UNKNOWN
    return { userId: Number(sub), version }
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { kind: 'anonymous', credential: 'expired' }
    if (error instanceof errors.JOSEError) return UNKNOWN
    throw error
  }
}
