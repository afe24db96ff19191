import { DomainError } from '#core/errors.ts'

declare const brand: unique symbol
type Brand<T, B extends string> = T & { readonly [brand]: B }

/** What a file is called, as {@link parseFileName} leaves it: harmless wherever it is shown or saved. */
export type FileName = Brand<string, 'FileName'>

/** `type/subtype` in lower case, as {@link parseMediaType} accepts it. */
export type MediaType = Brand<string, 'MediaType'>

/** The password of a download, as {@link parseFilePassword} accepts it. */
export type FilePassword = Brand<string, 'FilePassword'>

/** A file that somebody uploaded to share. */
export interface SharedFile {
  readonly id: number
  /** 32 hexadecimal digits; knowing it is what lets somebody download the file. */
  readonly publicId: string
  readonly teamId: number
  /** Where the file store has it. */
  readonly storageKey: string
  readonly name: FileName
  readonly mediaType: MediaType
  readonly sizeBytes: number
  /** Of its bytes, hex. */
  readonly sha256: string
  readonly passwordHash: string | null
  /** How often it was downloaded from its first byte, to the end of what was asked for. */
  readonly downloads: number
  readonly createdAt: Date
  /** Null: it stays. */
  readonly expiresAt: Date | null
}

/** The largest file that can be shared: 500 MiB. */
export const MAX_FILE_BYTES = 500 * 1024 * 1024

/** What file systems allow a name. */
const MAX_NAME_BYTES = 255
/** A longer ending is taken for a part of the name that has a dot in it. */
const MAX_EXTENSION_BYTES = 32
const MAX_PASSWORD_BYTES = 1024
const MAX_EXPIRY_DAYS = 3650
const DAY_MS = 24 * 60 * 60 * 1000

/** Whether text could be the public id of a file. */
export function isFileId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text)
}

/**
 * Any text as a file name that shows what it was and cannot do anything: what separates paths becomes `_`, and what
 * is not to be seen, or turns the direction of writing so that `exe.txt` reads `txt.exe`, becomes `�`. A name of nothing
 * is `unnamed`, and one of over 255 bytes loses its middle.
 */
export function parseFileName(text: string): FileName {
  const name = text
    .toWellFormed()
    .replace(/[/\\]/g, '_')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => (isJoiner(character) ? character : '\uFFFD'))
    .trim()
  if (name === '' || /^\.+$/.test(name)) return `unnamed${name}` as FileName
  return shorten(name) as FileName
}

/** The joiners, which Persian, Indic scripts and emoji are written with. */
function isJoiner(character: string): boolean {
  return character === '\u200C' || character === '\u200D'
}

/** A name of at most 255 bytes that keeps its beginning and its extension. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name
  const found = /(?<=[^.])\.[^.\s]+$/.exec(name)?.[0] ?? ''
  const extension = Buffer.byteLength(found) <= MAX_EXTENSION_BYTES ? found : ''
  const roomBytes = MAX_NAME_BYTES - Buffer.byteLength(extension) - Buffer.byteLength('…')
  let kept = ''
  let keptBytes = 0
  for (const character of name) {
    keptBytes += Buffer.byteLength(character)
    if (keptBytes > roomBytes) break
    kept += character
  }
  return `${kept}…${extension}`
}

/**
 * The media type a file was sent with, without parameters; `application/octet-stream` for what is none.
 * Source: RFC 9110 §8.3.1.
 */
export function parseMediaType(text: string): MediaType {
  const essence = (text.split(';')[0] ?? '').trim().toLowerCase()
  const isValid = /^[a-z0-9!#$&^_.+-]{1,64}\/[a-z0-9!#$&^_.+-]{1,64}$/.test(essence)
  return (isValid ? essence : 'application/octet-stream') as MediaType
}

/** @throws DomainError `invalid-input` over 1,024 bytes */
export function parseFilePassword(text: string): FilePassword {
  if (Buffer.byteLength(text) > MAX_PASSWORD_BYTES)
    throw new DomainError('invalid-input', {
      problems: [{ field: 'password', problem: `must have at most ${MAX_PASSWORD_BYTES} bytes` }],
    })
  return text as FilePassword
}

/**
 * How long a file is to stay: whole days from 1 to 3,650, or `evergreen`.
 *
 * @returns null for `evergreen`
 * @throws DomainError `invalid-input` for anything else
 */
export function parseExpiryDays(text: string): number | null {
  const trimmed = text.trim()
  if (trimmed.toLowerCase() === 'evergreen') return null
  const days = /^\d{1,5}$/.test(trimmed) ? Number(trimmed) : 0
  if (days < 1 || days > MAX_EXPIRY_DAYS)
    throw new DomainError('invalid-input', {
      problems: [
        {
          field: 'expires_in_days',
          problem: `must be a whole number of days from 1 to ${MAX_EXPIRY_DAYS}, or "evergreen"`,
        },
      ],
    })
  return days
}

/** The instant so many days later; null for never. */
export function expiryAfter(now: Date, days: number | null): Date | null {
  return days === null ? null : new Date(now.getTime() + days * DAY_MS)
}
