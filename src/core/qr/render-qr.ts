import { createHash } from 'node:crypto'
import { encode as encodePng } from 'fast-png'
import { encodeQR } from 'qr'
import { DomainError } from '#core/errors.ts'
import { drawLogo, type QrLogo } from './qr-logo.ts'
import { type ErrorCorrection, type HexColor, type QrFormat, type QrStyle, rgbOf } from './qr-style.ts'

/** A QR code as a file. */
export interface QrImage {
  /** Shared with others who asked for the same image: not to be written to. */
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: 'image/png' | 'image/svg+xml'
  /** SHA-256 of the body, base64url: the same text and style always give the same. */
  readonly digest: string
}

/** Draws a text as a QR code: {@link renderQr}, or that with a memory. */
export type RenderQr = (text: string, style: QrStyle, logo?: QrLogo) => QrImage

/** The modules left free on each side. Source: ISO/IEC 18004:2024, 5.3.8. */
const QUIET_ZONE = 4

const LEVELS = { L: 'low', M: 'medium', Q: 'quartile', H: 'high' } as const

/** The bytes the largest code holds. Source: ISO/IEC 18004:2024, table 7, version 40. */
const MAX_BYTES: Readonly<Record<ErrorCorrection, number>> = { L: 2953, M: 2331, Q: 1663, H: 1273 }

const CONTENT_TYPES = { png: 'image/png', svg: 'image/svg+xml' } as const satisfies Record<QrFormat, string>

/**
 * Draw a text as a QR code with its quiet zone. A PNG is exactly as large as asked, every module the same whole number
 * of pixels, and what is left over goes to the margin; an SVG scales. A logo hides modules in the middle, which the code's
 * error correction makes up for: it is raised to the highest level that has room for the text.
 *
 * @throws DomainError `qr-style-invalid` when the text needs more modules than the image has pixels, or is too long
 *   for any code
 */
export function renderQr(text: string, style: QrStyle, logo?: QrLogo): QrImage {
  const modules = modulesOf(text, logo === undefined ? style : raised(text, style))
  const body = style.format === 'png' ? drawPng(modules, style, logo) : drawSvg(modules, style, logo)
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
export function requireDrawable(text: string, style: QrStyle, hasLogo = false): void {
  modulesOf(text, hasLogo ? raised(text, style) : style)
}

/** A style in which a part of the code may be hidden. A logo hides a twentieth, and M makes up for three. */
function raised(text: string, style: QrStyle): QrStyle {
  const sizeBytes = new TextEncoder().encode(text).length
  const errorCorrection = (['H', 'Q', 'M'] as const).find((level) => sizeBytes <= MAX_BYTES[level])
  if (errorCorrection === undefined)
    throw new DomainError('qr-style-invalid', {
      field: 'logo',
      problem: 'leaves no room for a text of this length',
    })
  return { ...style, errorCorrection }
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

  return (text, style, logo) => {
    const { color, background, sizePx, format, errorCorrection } = style
    const key = [color, background, sizePx, format, errorCorrection, logo?.digest, text].join(' ')
    const image = images.get(key) ?? render(text, style, logo)
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

/** A palette of two colours and one bit a pixel; with a logo three bytes a pixel. */
function drawPng(
  modules: readonly (readonly boolean[])[],
  { sizePx, color, background }: QrStyle,
  logo: QrLogo | undefined,
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
  if (logo !== undefined) {
    const { start, length } = logoSpan(modules.length)
    const box = { startPx: marginPx + start * modulePx, lengthPx: length * modulePx }
    const rgb = new Uint8Array(sizePx * sizePx * 3)
    for (let y = 0, at = 0; y < sizePx; y++)
      for (let x = 0; x < sizePx; x++) {
        const [red = 0, green = 0, blue = 0] =
          palette[((data[y * lineBytes + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1] ?? []
        rgb[at++] = red
        rgb[at++] = green
        rgb[at++] = blue
      }
    drawLogo({ rgb, sizePx }, logo, { ...box, background: rgbOf(background), marginPx: modulePx / 2 })
    const drawn = encodePng({ width: sizePx, height: sizePx, data: rgb, depth: 8, channels: 3 })
    return new Uint8Array(drawn)
  }
  const png = encodePng({ width: sizePx, height: sizePx, data, depth: 1, channels: 1, palette })
  // The encoder's array is a part of a buffer several times as large.
  return new Uint8Array(png)
}

/** One unit of the drawing is one module; all modules are one path, so that no seams show between them. */
function drawSvg(
  modules: readonly (readonly boolean[])[],
  { sizePx, color, background }: QrStyle,
  logo: QrLogo | undefined,
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
    `<rect width="${units}" height="${units}" fill="${background}"/><path fill="${color}" d="${runs.join('')}"/>${logo === undefined ? '' : svgLogo(logo, units, background)}</svg>\n`
  return new TextEncoder().encode(svg)
}

/** The logo on a square of the background that hides whole modules, half a module of it free on each side. */
function svgLogo({ png }: QrLogo, units: number, background: HexColor): string {
  const { start, length } = logoSpan(units)
  const [inner, innerLength] = [start + 0.5, length - 1]
  return (
    `<rect x="${start}" y="${start}" width="${length}" height="${length}" fill="${background}"/>` +
    `<image x="${inner}" y="${inner}" width="${innerLength}" height="${innerLength}" href="data:image/png;base64,${png}"/>`
  )
}

/** A logo's share of the code's width: a twentieth of its modules, far less than what H or Q make up for. */
const LOGO_SHARE = 0.24

/** The modules that a logo hides: so many from `start` on, in both directions, in the very middle. */
function logoSpan(units: number): { readonly start: number; readonly length: number } {
  const wanted = Math.floor((units - 2 * QUIET_ZONE) * LOGO_SHARE)
  // A code has an odd number of modules on each side, and so has what is in its middle.
  const length = wanted % 2 === 1 ? wanted : wanted - 1
  return { start: (units - length) / 2, length }
}
