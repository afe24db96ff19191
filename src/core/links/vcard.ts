import type { ContactCard, ContactEmail, Phone, PostalAddress } from './contact.ts'

/** Lines longer than this many bytes are folded. Source: RFC 6350 §3.2, RFC 2426 §2.6. */
const MAX_LINE_BYTES = 75

/** The media type of {@link vcard}. Source: RFC 6350 §10.1. */
export function vcardMediaType({ version }: ContactCard): string {
  return `text/vcard; charset=utf-8; version=${version}`
}

/** A contact as a vCard of its version. Source: RFC 2426 (3.0), RFC 6350 (4.0). */
export function vcard(contact: ContactCard): string {
  const { familyName, givenName, middleName, prefix, suffix, organization, department } = contact
  const hasParts = [familyName, givenName, middleName, prefix, suffix].some((part) => part !== undefined)
  // A name that came whole is not taken apart: people are called in more ways than two words.
  const isWhole = !hasParts && contact.fullName !== organization
  const content = [
    'BEGIN:VCARD',
    `VERSION:${contact.version}`,
    `FN:${escape(contact.fullName)}`,
    `N:${structured([familyName, isWhole ? contact.fullName : givenName, middleName, prefix, suffix])}`,
    ...(organization === undefined && department === undefined
      ? []
      : [`ORG:${structured(department === undefined ? [organization] : [organization, department])}`]),
    ...(contact.jobTitle === undefined ? [] : [`TITLE:${escape(contact.jobTitle)}`]),
    ...contact.phones.map((phone) => `TEL${phoneType(phone)}:${escape(phone.number)}`),
    ...contact.emails.map((email) => `EMAIL${emailType(email, contact)}:${escape(email.address)}`),
    ...contact.addresses.map((address) => `ADR${placeType(address)}:${structured(addressParts(address))}`),
    // A URI is not escaped.
    ...contact.urls.map((url) => `URL:${url}`),
    ...(contact.note === undefined ? [] : [`NOTE:${escape(contact.note)}`]),
    'END:VCARD',
  ]
  return content.map((line) => `${fold(line)}\r\n`).join('')
}

const PHONE_TYPES = {
  mobile: ';TYPE=CELL,VOICE',
  work: ';TYPE=WORK,VOICE',
  home: ';TYPE=HOME,VOICE',
  fax: ';TYPE=FAX',
} as const

function phoneType({ type }: Phone): string {
  return type === undefined ? '' : PHONE_TYPES[type]
}

/** 3.0 has addresses of the Internet and others; 4.0 knows no others. */
function emailType({ type }: ContactEmail, { version }: ContactCard): string {
  const types = [
    ...(version === '3.0' ? ['INTERNET'] : []),
    ...(type === undefined ? [] : [type.toUpperCase()]),
  ]
  return types.length === 0 ? '' : `;TYPE=${types.join(',')}`
}

function placeType({ type }: PostalAddress): string {
  return type === undefined ? '' : `;TYPE=${type.toUpperCase()}`
}

/** Post office box and extended address come first, and are to be empty (RFC 6350 §6.3.1). */
function addressParts({ street, city, region, postalCode, country }: PostalAddress) {
  return ['', '', street, city, region, postalCode, country]
}

function structured(parts: readonly (string | undefined)[]): string {
  return parts.map((part) => escape(part ?? '')).join(';')
}

/** Text as it stands in a value. Source: RFC 6350 §3.4, RFC 2426 §4. */
function escape(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n')
}

/** A line of any length as lines of at most 75 bytes, no character taken apart. */
function fold(line: string): string {
  const encoder = new TextEncoder()
  let folded = ''
  let bytes = 0
  for (const character of line) {
    const size = encoder.encode(character).length
    if (bytes + size > MAX_LINE_BYTES) {
      folded += '\r\n '
      bytes = 1
    }
    folded += character
    bytes += size
  }
  return folded
}
