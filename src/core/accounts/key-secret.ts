import { hash } from 'node:crypto'
import type { Random } from '#core/random.ts'
import type { KeyDialect } from './account.ts'

/** Base62 characters of a secret: 190 random bits. */
const SECRET_LENGTH = 32

/** A secret in the form of a dialect; lynklens shows its key's id before it, which {@link showSecret} adds. */
export function drawSecret(dialect: KeyDialect, random: Random): string {
  switch (dialect) {
    case 'lnk7':
      return `lnk7_${random.base62(SECRET_LENGTH)}`
    case 'linktj':
      return `lnktj_${random.base62(SECRET_LENGTH)}`
    case 'lynk':
      return `lynk_${random.base62(SECRET_LENGTH)}`
    case 'onehop':
      return `hop_${random.base62(SECRET_LENGTH)}`
    case 'lynklens':
      return random.base62(SECRET_LENGTH)
    case 'ipgeolocation':
      // The contract's keys are 32 hexadecimal characters.
      return random.hex(32)
  }
}

/** The secret as the client is shown it and sends it. */
export function showSecret(dialect: KeyDialect, keyId: number, secret: string): string {
  return dialect === 'lynklens' ? `${keyId}|${secret}` : secret
}

/**
 * What is stored of a secret: its SHA-256, hex. Secrets are random and long, so a fast hash keeps them, and
 * looking one up by its hash tells an attacker's clock nothing about the secret.
 */
export function hashSecret(shown: string): string {
  return hash('sha256', shown.replace(/^\d{1,15}\|/, ''), 'hex')
}

/** Enough of a secret to tell keys apart in a list, too little to be of use: `lnk7_aB…x9Zk`. */
export function secretHint(secret: string): string {
  const prefix = /^[a-z0-9]+_/.exec(secret)?.[0] ?? ''
  return `${prefix}${secret.slice(prefix.length, prefix.length + 2)}…${secret.slice(-4)}`
}
