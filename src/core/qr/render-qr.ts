import { createHash } from 'node:crypto'
import { encode as encodePng } from 'fast-png'
import { encodeQR } from 'qr'
import { DomainError } from '#core/errors.ts'
import { type ErrorCorrection, type QrFormat, type QrStyle, rgbOf } from './qr-style.ts'

/** A QR code as a file. */
export interface QrImage {
  /** Shared with others who asked for the same image: not to be written to. */
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: 'image/png' | 'image/svg+xml'
  /** SHA-256 of the body, base64url: the same text and style always give the same. */
  readonly digest: string
}

/** Draws a text as a QR code: {@link renderQr}, or that with a memory. */
export type RenderQr = (text: string, style: QrStyle) => QrImage

/** The modules left free on each side. Source: ISO/IEC 18004:2024, 5.3.8. */
const QUIET_ZONE = 4

const LEVELS = { L: 'low', M: 'medium', Q: 'quartile', H: 'high' } as const

/** The bytes the largest code holds. Source: ISO/IEC 18004:2024, table 7, version 40. */
const MAX_BYTES: Readonly<Record<ErrorCorrection, number>> = { L: 2953, M: 2331, Q: 1663, H: 1273 }

const CONTENT_TYPES = { png: 'image/png', svg: 'image/svg+xml' } as const satisfies Record<QrFormat, string>

/**
 * Draw a text as a QR code with its quiet zone. A PNG is exactly as large as asked, every module the same whole number
 * of pixels, and what is left over goes to the margin; an SVG scales.
 *
 * @throws DomainError `qr-style-invalid` when the text needs more modules than the image has pixels, or is too long
 *   for any code
 */
export function renderQr(text: string, style: QrStyle): QrImage {
  const modules = modulesOf(text, style)
  const body = style.format === 'png' ? drawPng(modules, style) : drawSvg(modules, style)
  return {
    body,
    contentType: CONTENT_TYPES[style.format],
    digest: createHash('sha256').update(body).digest('base64url'),
  }
}

/**
 * Make sure that a text can be drawn in a style.
 *
 * @throws DomainError `qr-style-invalid` as {@link renderQr} does
 */
export function requireDrawable(text: string, style: QrStyle): void {
  modulesOf(text, style)
}

/** What an image in memory takes besides its bytes and key, roughly. */
const ENTRY_OVERHEAD_BYTES = 500

/**
 * A renderer that keeps the images it was last asked for, in about so many bytes: a large PNG takes milliseconds to
 * make, and whoever may see an image may ask for it as often as they like.
 */
export function rememberQrImages(render: RenderQr, maxBytes: number): RenderQr {
  /** By text and style, the one used longest ago first. */
  const images = new Map<string, QrImage>()
  let bytes = 0

  return (text, style) => {
    const { color, background, sizePx, format, errorCorrection } = style
    const key = [color, background, sizePx, format, errorCorrection, text].join(' ')
    const image = images.get(key) ?? render(text, style)
    if (!images.delete(key)) bytes += sizeBytes(key, image)
    images.set(key, image)
    for (const [oldest, forgotten] of images) {
      if (bytes <= maxBytes) break
      images.delete(oldest)
      bytes -= sizeBytes(oldest, forgotten)
    }
    return image
  }
}

function sizeBytes(key: string, image: QrImage): number {
  return image.body.byteLength + key.length + ENTRY_OVERHEAD_BYTES
}

/** Whether each module, row by row, is of the code's colour; the quiet zone is part of it. */
function modulesOf(text: string, { errorCorrection, sizePx }: QrStyle): readonly (readonly boolean[])[] {
  const maxBytes = MAX_BYTES[errorCorrection]
  if (new TextEncoder().encode(text).length > maxBytes)
    throw new DomainError('qr-style-invalid', {
      field: 'errorCorrection',
      problem: `leaves room for ${maxBytes} bytes, and the text is longer`,
    })
  const modules = encodeQR(text, 'raw', { ecc: LEVELS[errorCorrection], border: QUIET_ZONE })
  if (modules.length > sizePx)
    throw new DomainError('qr-style-invalid', {
      field: 'sizePx',
      problem: `must be at least ${modules.length} for a text of this length`,
    })
  return modules
}

/** A palette of two colours and one bit a pixel. */
function drawPng(
  modules: readonly (readonly boolean[])[],
  { sizePx, color, background }: QrStyle,
): QrImage['body'] {
  const modulePx = Math.floor(sizePx / modules.length)
  const marginPx = Math.floor((sizePx - modules.length * modulePx) / 2)
  const lineBytes = Math.ceil(sizePx / 8)
  const data = new Uint8Array(lineBytes * sizePx)
  for (const [row, line] of modules.entries()) {
    const start = (marginPx + row * modulePx) * lineBytes
    for (const [column, isSet] of line.entries()) {
      if (!isSet) continue
      const left = marginPx + column * modulePx
      for (let x = left; x < left + modulePx; x++) {
        const index = start + (x >> 3)
        data[index] = (data[index] ?? 0) | (0x80 >> (x & 7))
      }
    }
    for (let copy = 1; copy < modulePx; copy++)
      data.copyWithin(start + copy * lineBytes, start, start + lineBytes)
  }
  const palette = [[...rgbOf(background)], [...rgbOf(color)]]
  const png = encodePng({ width: sizePx, height: sizePx, data, depth: 1, channels: 1, palette })
  // The encoder's array is a part of a buffer several times as large.
  return new Uint8Array(png)
}

/** One unit of the drawing is one module; all modules are one path, so that no seams show between them. */
function drawSvg(
  modules: readonly (readonly boolean[])[],
  { sizePx, color, background }: QrStyle,
): QrImage['body'] {
  const units = modules.length
  const runs = modules.flatMap((line, row) =>
    [
      ...line
        .map((isSet) => (isSet ? '1' : '0'))
        .join('')
        .matchAll(/1+/g),
    ].map(({ 0: run, index }) => `M${index} ${row}h${run.length}v1h-${run.length}z`),
  )
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${sizePx}" height="${sizePx}" viewBox="0 0 ${units} ${units}" shape-rendering="crispEdges">` +
    `<rect width="${units}" height="${units}" fill="${background}"/><path fill="${color}" d="${runs.join('')}"/></svg>\n`
  return new TextEncoder().encode(svg)
}
