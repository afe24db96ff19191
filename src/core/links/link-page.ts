import type { Services } from '#core/context.ts'
import { qrAddress } from '#core/qr/qr-address.ts'
import { DEFAULT_QR_STYLE, parseQrSize, type QrStyle } from '#core/qr/qr-style.ts'
import type { QrImage } from '#core/qr/render-qr.ts'
import { findLinkById } from './link-queries.ts'
import type { LinkPayload } from './payload.ts'
import { vcard } from './vcard.ts'
import { wifiString } from './wifi.ts'

/** What the page of a typed link has to show. */
export interface LinkPage {
  readonly slug: string
  readonly title: string | null
  readonly payload: LinkPayload
  readonly qr: QrImage
  /** The code leads to the page; otherwise it holds what the page shows. */
  readonly qrLeadsHere: boolean
}

/** For screens, where nothing gets scratched: few, large modules, in an image for dense ones. */
const QR_STYLE: QrStyle = { ...DEFAULT_QR_STYLE, sizePx: parseQrSize(768), errorCorrection: 'L' }

/** A contact longer than this gets a code that leads to its page: a denser one is hard to read off a screen. */
const MAX_QR_BYTES = 300

/**
 * What the page of a typed link shows, for whoever asks.
 *
 * @returns undefined when there is no such link, or it redirects
 */
export async function getLinkPage(services: Services, linkId: number): Promise<LinkPage | undefined> {
  const link = await findLinkById(services.db, linkId)
  if (link === undefined || link.payload === null) return undefined
  const { slug, title, payload } = link
  const held = qrText(payload)
  const qr = services.renderQr(held ?? qrAddress(services, link), QR_STYLE)
  return { slug, title, payload, qr, qrLeadsHere: held === undefined }
}

/** What a camera is to read: the thing itself where a phone knows what to do with it; undefined: the page's address. */
function qrText(payload: LinkPayload): string | undefined {
  switch (payload.kind) {
    case 'wifi':
      return wifiString(payload)
    case 'vcard': {
      const text = vcard(payload)
      return new TextEncoder().encode(text).length <= MAX_QR_BYTES ? text : undefined
    }
    case 'text':
      return undefined
  }
}
