import { DomainError } from '#core/errors.ts'
import type { AbilityGrant, Role } from '#core/permissions.ts'

declare const brand: unique symbol
type Brand<T, B extends string> = T & { readonly [brand]: B }

/** An e-mail address in lower case, as {@link parseEmail} accepts it. */
export type Email = Brand<string, 'Email'>

/** A password that {@link parsePassword} accepted. */
export type Password = Brand<string, 'Password'>

export interface User {
  readonly id: number
  readonly email: Email
  readonly name: string
  readonly isOperator: boolean
  readonly status: 'active' | 'blocked'
  readonly createdAt: Date
  /** Counts what ends everything that was signed in with the password: a new one, and blocking. */
  readonly credentialsVersion: number
}

/** A team as one of its members sees it. */
export interface Team {
  readonly id: number
  readonly name: string
  readonly isPersonal: boolean
  readonly role: Role
}

/** The dialects whose form a key can have. */
export const KEY_DIALECTS = ['lnk7', 'lynklens', 'linktj', 'lynk', 'ipgeolocation', 'onehop'] as const
export type KeyDialect = (typeof KEY_DIALECTS)[number]

/** An API key as it may be shown: never its secret. */
export interface ApiKey {
  readonly id: number
  readonly publicId: string
  readonly teamId: number
  readonly userId: number
  readonly dialect: KeyDialect
  readonly name: string
  readonly hint: string
  readonly abilities: AbilityGrant
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
}

const MAX_EMAIL_LENGTH = 254
const MIN_PASSWORD_LENGTH = 8
/** Bounds the work of hashing. */
const MAX_PASSWORD_BYTES = 1024

/** @throws DomainError `email-invalid` for anything but one address of a domain, at most 254 characters */
export function parseEmail(text: string): Email {
  const email = text.trim().toLowerCase()
  // RFC 5321 §4.1.2 allows far more; this is what mail systems in use accept.
  if (
    email.length > MAX_EMAIL_LENGTH ||
    !/^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/u.test(email)
  )
    throw new DomainError('email-invalid', { problem: 'must be an e-mail address such as name@example.com' })
  return email as Email
}

/** @throws DomainError `password-invalid` under 8 characters or over 1,024 bytes */
export function parsePassword(text: string): Password {
  if (Array.from(text).length < MIN_PASSWORD_LENGTH)
    throw new DomainError('password-invalid', {
      problem: `must have at least ${MIN_PASSWORD_LENGTH} characters`,
    })
  if (new TextEncoder().encode(text).length > MAX_PASSWORD_BYTES)
    throw new DomainError('password-invalid', { problem: `must have at most ${MAX_PASSWORD_BYTES} bytes` })
  return text as Password
}
