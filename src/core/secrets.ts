import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** What a key is for; each purpose has its own, so that one that leaks opens nothing else. */
export type SecretPurpose =
  | 'jwt'
  | 'two-factor'
  | 'recovery-code'
  | 'webhook'
  | 'mail'
  | 'unsubscribe'
  | 'cron'
  | 'kept-answer'

/** Keys of the installation, all drawn from one master key that is kept outside the database. */
export interface Secrets {
  /** The 256-bit key of a purpose. */
  key(purpose: SecretPurpose): Uint8Array
  /** Encrypt text for the database: what is stored is of no use without the master key. */
  seal(purpose: SecretPurpose, text: string): string
  /** @throws Error when it was sealed for another purpose, by another installation, or was changed since */
  open(purpose: SecretPurpose, sealed: string): string
}

const KEY_BYTES = 32
/** AES-GCM's own sizes (NIST SP 800-38D §5.2.1). */
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The keys that one master key, of at least 32 characters of chance, stands for (HKDF, RFC 5869). */
export function secretsOf(masterKey: string): Secrets {
  const keys = new Map<SecretPurpose, Buffer>()

  function key(purpose: SecretPurpose): Buffer {
    const known = keys.get(purpose)
    if (known !== undefined) return known
    const derived = Buffer.from(hkdfSync('sha256', masterKey, '', `onehop ${purpose}`, KEY_BYTES))
    keys.set(purpose, derived)
    return derived
  }

  return {
    key,
    seal(purpose, text) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key(purpose), nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(purpose, sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key(purpose), bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      const body = bytes.subarray(NONCE_BYTES + TAG_BYTES)
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
    },
  }
}

/** The HMAC-SHA256 of a text under a purpose's key. */
export function sign(secrets: Secrets, purpose: SecretPurpose, text: string): Buffer {
  return createHmac('sha256', secrets.key(purpose)).update(text).digest()
}
