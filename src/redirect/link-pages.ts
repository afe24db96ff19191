import { create as contentDisposition } from 'content-disposition'
import type { Services } from '#core/context.ts'
import { getLinkPage } from '#core/links/link-page.ts'
import { vcard, vcardMediaType } from '#core/links/vcard.ts'
import type { ContactCard } from '#core/links/contact.ts'
import { typedLinkPage } from './typed-link-page.ts'

/** The page itself, or what can be downloaded from it. */
export type PageForm = 'page' | 'file'

/** What typed links show. */
export interface LinkPages {
  /** @returns undefined when there is no such link, or its page has no file */
  render(linkId: number, form: PageForm): Promise<Response | undefined>
}

export function createLinkPages(services: Services): LinkPages {
  return {
    async render(linkId, form) {
      const page = await getLinkPage(services, linkId)
      if (page === undefined) return undefined
      if (form === 'page') return typedLinkPage(page)
      return page.payload.kind === 'vcard' ? vcardFile(page.payload) : undefined
    },
  }
}

/** The longest file name, in characters, before its ending. */
const MAX_FILE_NAME_LENGTH = 60

function vcardFile(contact: ContactCard): Response {
  // What file systems do not want in a name; a dot in front would hide the file.
  const name = contact.fullName.replace(/[\\/:*?"<>|]/g, ' ').replace(/^[.\s]+/, '')
  const shortName = Array.from(name).slice(0, MAX_FILE_NAME_LENGTH).join('').trim() || 'contact'
  return new Response(vcard(contact), {
    headers: {
      'content-type': vcardMediaType(contact),
      'content-disposition': contentDisposition(`${shortName}.vcf`, { fallback: 'contact.vcf' }),
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
      'cache-control': 'no-store',
    },
  })
}
