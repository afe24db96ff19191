import type { Link, LinkKind, LinkStatus } from '#dash/api/links.ts'

export const KIND_NAMES: Readonly<Record<LinkKind, string>> = {
  url: 'URL',
  wifi: 'Wi-Fi',
  vcard: 'Contact',
  text: 'Text',
}

export const STATUS_NAMES: Readonly<Record<LinkStatus, string>> = {
  active: 'Active',
  inactive: 'Switched off',
  archived: 'Archived',
}

/** What a person calls a link: its title, that of its page, what it shows, or where it leads. */
export function linkName(link: Link): string {
  return link.title ?? link.page_title ?? payloadName(link) ?? plainUrl(link.target ?? link.short_url)
}

function payloadName({ kind, payload }: Link): string | undefined {
  const field = { url: undefined, wifi: 'ssid', vcard: 'full_name', text: 'text' }[kind]
  const value = field === undefined ? undefined : payload?.[field]
  return typeof value === 'string' ? value.trim().split('\n')[0] : undefined
}

/** A URL as it is read out: without scheme, `www.` and a slash at the end. */
export function plainUrl(url: string): string {
  return url.replace(/^https?:\/\/(?:www\.)?/, '').replace(/\/$/, '')
}

/** An instant as a field of the browser has it, in the viewer's zone. */
export function toLocalField(at: string | null): string {
  if (at === null) return ''
  const date = new Date(at)
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

/** What such a field says, as the API takes it; null when it is empty. */
export function fromLocalField(text: string): string | null {
  return text === '' ? null : new Date(text).toISOString()
}
