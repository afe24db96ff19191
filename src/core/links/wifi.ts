import { z } from 'zod'
import { exactLine, fields, parseFields } from './payload-fields.ts'

/** A Wi-Fi network as a phone needs to know it to join. */
export interface WifiNetwork {
  readonly kind: 'wifi'
  /** 1–32 bytes of UTF-8. */
  readonly ssid: string
  readonly encryption: WifiEncryption
  /** Absent exactly where nothing is encrypted. */
  readonly password?: string | undefined
  /** The network does not say its name; it has to be asked for. */
  readonly hidden: boolean
}

/** `WPA` is WPA and WPA2 Personal and the mixed mode with WPA3; `SAE` is WPA3 alone. */
export const WIFI_ENCRYPTIONS = ['WPA', 'WEP', 'nopass', 'SAE'] as const
/** One of {@link WIFI_ENCRYPTIONS}. */
export type WifiEncryption = (typeof WIFI_ENCRYPTIONS)[number]

/** How else people write them. */
const SYNONYMS: Readonly<Record<string, WifiEncryption>> = {
  wpa2: 'WPA',
  'wpa/wpa2': 'WPA',
  'wpa2/wpa3': 'WPA',
  wpa3: 'SAE',
  none: 'nopass',
  open: 'nopass',
}

/** Source: IEEE 802.11-2020, 9.4.2.2. */
const MAX_SSID_BYTES = 32

/** What a password must look like, and the words for it; lengths are bytes of UTF-8, as access points count. */
const PASSWORDS: Readonly<
  Record<Exclude<WifiEncryption, 'nopass'>, { readonly problem: string; isValid(password: string): boolean }>
> = {
  // Source: IEEE 802.11-2020, J.4.1 (passphrase, or the key of 256 bits itself).
  WPA: {
    problem: 'must have 8 to 63 characters, or be 64 hexadecimal digits',
    isValid: (password) => isWithin(password, 8, 63) || /^[0-9a-f]{64}$/i.test(password),
  },
  // Keys of 40, 104 and 128 bits.
  WEP: {
    problem: 'must have 5, 13 or 16 characters, or 10, 26 or 32 hexadecimal digits',
    isValid: (password) =>
      [5, 13, 16].includes(byteLength(password)) || /^(?:.{10}|.{26}|.{32})$/.test(hexOf(password)),
  },
  // The standard sets no bound; this is what access points take.
  SAE: { problem: 'must have 1 to 128 characters', isValid: (password) => isWithin(password, 1, 128) },
}

const WifiFields = fields({
  ssid: exactLine.refine(
    (ssid) => isWithin(ssid, 1, MAX_SSID_BYTES),
    `must have 1 to ${MAX_SSID_BYTES} bytes of UTF-8`,
  ),
  encryption: z.string('must be text').nullish(),
  password: exactLine.nullish().transform((password) => password || undefined),
  hidden: z
    .boolean('must be true or false')
    .nullish()
    .transform((hidden) => hidden ?? false),
})

const Wifi = WifiFields.transform(({ ssid, encryption: named, password, hidden }, context): WifiNetwork => {
  const refuse = (field: string, message: string) => {
    context.issues.push({ code: 'custom', message, path: [field], input: undefined })
    return z.NEVER
  }
  const encryption = parseEncryption(named ?? (password === undefined ? 'nopass' : 'WPA'))
  if (encryption === undefined) return refuse('encryption', `must be one of ${WIFI_ENCRYPTIONS.join(', ')}`)
  if (encryption === 'nopass') {
    if (password !== undefined) return refuse('password', 'must be left out of a network that has none')
    return { kind: 'wifi', ssid, encryption, hidden }
  }
  if (password === undefined) return refuse('password', 'is required')
  const rule = PASSWORDS[encryption]
  return rule.isValid(password)
    ? { kind: 'wifi', ssid, encryption, password, hidden }
    : refuse('password', rule.problem)
})

/**
 * A network from `ssid`, `encryption` (as its password suggests when absent), `password` and `hidden`.
 *
 * @throws DomainError `payload-invalid`
 */
export function parseWifi(payload: unknown): WifiNetwork {
  return parseFields(Wifi, payload)
}

/**
 * What a phone's camera reads as an offer to join the network. Source: ZXing, "Barcode Contents", Wi-Fi network
 * configuration, and WPA3 Specification 3.4, section 7 for `T`.
 */
export function wifiString({ ssid, encryption, password, hidden }: WifiNetwork): string {
  const parts = [
    `T:${encryption}`,
    `S:${escape(ssid)}`,
    ...(password === undefined ? [] : [`P:${escape(password)}`]),
    ...(hidden ? ['H:true'] : []),
  ]
  return `WIFI:${parts.join(';')};;`
}

function escape(value: string): string {
  return value.replace(/[\\;,:"]/g, '\\$&')
}

function parseEncryption(text: string): WifiEncryption | undefined {
  const wanted = text.trim().toLowerCase()
  return WIFI_ENCRYPTIONS.find((known) => known.toLowerCase() === wanted) ?? SYNONYMS[wanted]
}

function isWithin(value: string, minBytes: number, maxBytes: number): boolean {
  const bytes = byteLength(value)
  return bytes >= minBytes && bytes <= maxBytes
}

function byteLength(value: string): number {
  return new TextEncoder().encode(value).length
}

/** The text if it is made of hexadecimal digits, else nothing. */
function hexOf(value: string): string {
  return /^[0-9a-f]*$/i.test(value) ? value : ''
}
