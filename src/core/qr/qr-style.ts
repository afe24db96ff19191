import { DomainError } from '#core/errors.ts'

declare const brand: unique symbol
type Brand<T, B extends string> = T & { readonly [brand]: B }

/** An sRGB colour without transparency as `#rrggbb`, in lower case, as {@link parseHexColor} gives it. */
export type HexColor = Brand<string, 'HexColor'>

/** The width and height of a square image, 100–1000 pixels, as {@link parseQrSize} accepts it. */
export type QrSizePx = Brand<number, 'QrSizePx'>

/** The kinds of file a QR code comes as. */
export const QR_FORMATS = ['png', 'svg'] as const

/** One of {@link QR_FORMATS}. */
export type QrFormat = (typeof QR_FORMATS)[number]

/** How much of a code may be lost: about 7, 15, 25 and 30 %. Source: ISO/IEC 18004:2024, 6.5.1. */
export const ERROR_CORRECTIONS = ['L', 'M', 'Q', 'H'] as const

/** One of {@link ERROR_CORRECTIONS}. */
export type ErrorCorrection = (typeof ERROR_CORRECTIONS)[number]

/** What a QR code looks like. */
export interface QrStyle {
  /** Of the modules, the dark squares of an ordinary code. */
  readonly color: HexColor
  /** Of what is between and around them. */
  readonly background: HexColor
  readonly sizePx: QrSizePx
  readonly format: QrFormat
  readonly errorCorrection: ErrorCorrection
}

/** A part of a style: what is absent is left as it is. */
export type QrStyleChanges = { readonly [Field in keyof QrStyle]?: QrStyle[Field] | undefined }

/** A style as somebody wrote it, before it is checked. */
export interface QrStyleInput {
  readonly color?: string | undefined
  readonly background?: string | undefined
  readonly sizePx?: number | undefined
  readonly format?: string | undefined
  readonly errorCorrection?: string | undefined
}

const MIN_SIZE_PX = 100
const MAX_SIZE_PX = 1000

/** The style of a code for which none is chosen. */
export const DEFAULT_QR_STYLE: QrStyle = {
  color: parseHexColor('#000000', 'color'),
  background: parseHexColor('#ffffff', 'background'),
  sizePx: parseQrSize(300),
  format: 'png',
  errorCorrection: 'M',
}

/**
 * The given parts of a style.
 *
 * @throws DomainError `qr-style-invalid` with the first field that is wrong
 */
export function parseQrStyle(input: QrStyleInput): QrStyleChanges {
  const { color, background, sizePx, format, errorCorrection } = input
  return {
    ...(color !== undefined && { color: parseHexColor(color, 'color') }),
    ...(background !== undefined && { background: parseHexColor(background, 'background') }),
    ...(sizePx !== undefined && { sizePx: parseQrSize(sizePx) }),
    ...(format !== undefined && { format: parseQrFormat(format) }),
    ...(errorCorrection !== undefined && { errorCorrection: parseErrorCorrection(errorCorrection) }),
  }
}

/** A style with some of its parts replaced. */
export function changeQrStyle(style: QrStyle, changes: QrStyleChanges): QrStyle {
  return {
    color: changes.color ?? style.color,
    background: changes.background ?? style.background,
    sizePx: changes.sizePx ?? style.sizePx,
    format: changes.format ?? style.format,
    errorCorrection: changes.errorCorrection ?? style.errorCorrection,
  }
}

/**
 * A colour of three or six hexadecimal digits in any case, with or without `#`: `#08f` is `#0088ff`.
 *
 * @throws DomainError `qr-style-invalid` for anything else, under the name of the field it is meant for
 */
export function parseHexColor(text: string, field: 'color' | 'background'): HexColor {
  const digits = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(text.trim())?.[1]?.toLowerCase()
  if (digits === undefined) throw invalid(field, 'must be a hex color such as #000000')
  return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}` as HexColor
}

/** @throws DomainError `qr-style-invalid` for anything but a whole number from 100 to 1000 */
export function parseQrSize(sizePx: number): QrSizePx {
  if (!Number.isInteger(sizePx) || sizePx < MIN_SIZE_PX || sizePx > MAX_SIZE_PX)
    throw invalid('sizePx', `must be a whole number between ${MIN_SIZE_PX} and ${MAX_SIZE_PX}`)
  return sizePx as QrSizePx
}

/** @throws DomainError `qr-style-invalid` for anything but `png` and `svg`, in any case */
export function parseQrFormat(text: string): QrFormat {
  const format = QR_FORMATS.find((known) => known === text.trim().toLowerCase())
  if (format === undefined) throw invalid('format', `must be one of ${QR_FORMATS.join(', ')}`)
  return format
}

/** @throws DomainError `qr-style-invalid` for anything but `L`, `M`, `Q` and `H`, in any case */
export function parseErrorCorrection(text: string): ErrorCorrection {
  const level = ERROR_CORRECTIONS.find((known) => known === text.trim().toUpperCase())
  if (level === undefined) throw invalid('errorCorrection', `must be one of ${ERROR_CORRECTIONS.join(', ')}`)
  return level
}

/** The red, green and blue of a colour, 0–255 each. */
export function rgbOf(color: HexColor): readonly [red: number, green: number, blue: number] {
  const value = Number.parseInt(color.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function invalid(field: keyof QrStyle, problem: string): DomainError<'qr-style-invalid'> {
  return new DomainError('qr-style-invalid', { field, problem })
}
