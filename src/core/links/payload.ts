import { DomainError } from '#core/errors.ts'
import { type ContactCard, parseContact } from './contact.ts'
import { firstLine, parsePlainText, type PlainText } from './plain-text.ts'
import { parseWifi, type WifiNetwork } from './wifi.ts'

/** What a link can be: one that redirects, or one whose page shows something. */
export const LINK_KINDS = ['url', 'wifi', 'vcard', 'text'] as const
/** One of {@link LINK_KINDS}. */
export type LinkKind = (typeof LINK_KINDS)[number]

/** The kinds that have a page instead of a target. */
export type PayloadKind = Exclude<LinkKind, 'url'>

/** What the page of a typed link shows, by kind. */
export type LinkPayload = WifiNetwork | ContactCard | PlainText

const PARSERS: { readonly [K in PayloadKind]: (payload: unknown) => Extract<LinkPayload, { kind: K }> } = {
  wifi: parseWifi,
  vcard: parseContact,
  text: parsePlainText,
}

/** The longest summary, in characters. */
const MAX_SUMMARY_LENGTH = 100

/**
 * The payload of a kind of link, from what a caller sent for it.
 *
 * @throws DomainError `payload-invalid` naming every field that is wrong or not known
 */
export function parsePayload(kind: PayloadKind, payload: unknown): LinkPayload {
  if (payload == null)
    throw new DomainError('payload-invalid', {
      problems: [{ field: '', problem: `is required for ${kind}` }],
    })
  return PARSERS[kind](payload)
}

/** One line that tells what a typed link is about: the network, the person or company, how the text begins. */
export function payloadSummary(payload: LinkPayload): string {
  const characters = Array.from(summaryLine(payload))
  if (characters.length <= MAX_SUMMARY_LENGTH) return characters.join('')
  return `${characters.slice(0, MAX_SUMMARY_LENGTH - 1).join('')}…`
}

function summaryLine(payload: LinkPayload): string {
  switch (payload.kind) {
    case 'wifi':
      return payload.ssid
    case 'vcard':
      return payload.fullName
    case 'text':
      return firstLine(payload)
  }
}
