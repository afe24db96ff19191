import { hash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { decode as decodePng, type DecodedPng, encode as encodePng } from 'fast-png'
import { DomainError } from '#core/errors.ts'

/** A square picture for the middle of a QR code. */
export interface QrLogo {
  /** Base64 of a PNG of {@link LOGO_SIZE_PX} pixels each way, with transparency and nothing but pixels. */
  readonly png: string
  /** Another for every other picture. */
  readonly digest: string
}

/** The largest file that is taken for a logo. */
export const MAX_LOGO_BYTES = 256 * 1024

/** The largest code is 1,000 pixels wide, and a logo a quarter of it. */
const LOGO_SIZE_PX = 240
/** Of what is sent; unpacked it takes 8 MiB at most. */
const MAX_SIDE_PX = 1_024

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** What pixels are made from. Everything else can hide more than a picture, and is thrown away unread. */
const KEPT_CHUNKS = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']

/** A picture of four bytes a pixel: red, green, blue, opacity. */
interface Picture {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8Array
}

/**
 * The logo that a PNG file is, scaled to the size in which logos are kept; one that is not square gets transparent margins.
 *
 * @throws DomainError `qr-style-invalid` under the name `logo` for what is no PNG, or one of more than 1,024 pixels a side
 */
export function parseLogo(file: Uint8Array): QrLogo {
  const picture = toPicture(readPng(Buffer.from(file)))
  const data = scaled(picture, LOGO_SIZE_PX)
  const png = encodePng({ width: LOGO_SIZE_PX, height: LOGO_SIZE_PX, data, depth: 8, channels: 4 })
  return storedLogo(Buffer.from(png).toString('base64'))
}

/** A logo as it was kept. */
export function storedLogo(png: string): QrLogo {
  return { png, digest: hash('sha256', png, 'base64url') }
}

/** A square of a picture to draw in. */
export interface LogoBox {
  /** From the left, and from the top. */
  readonly startPx: number
  readonly lengthPx: number
  /** What is left free within, on each side. */
  readonly marginPx: number
  readonly background: readonly [red: number, green: number, blue: number]
}

/** Draw a logo over a square of a picture of three bytes a pixel, which is filled with the background first. */
export function drawLogo(
  { rgb, sizePx }: { readonly rgb: Uint8Array; readonly sizePx: number },
  logo: QrLogo,
  box: LogoBox,
): void {
  const { startPx, lengthPx, background } = box
  const marginPx = Math.round(box.marginPx)
  const innerPx = Math.max(1, lengthPx - 2 * marginPx)
  const picture = toPicture(decodePng(Buffer.from(logo.png, 'base64')))
  const pixels = scaled(picture, innerPx)
  for (let y = 0; y < lengthPx; y++)
    for (let x = 0; x < lengthPx; x++) {
      const [column, row] = [x - marginPx, y - marginPx]
      const isInside = column >= 0 && row >= 0 && column < innerPx && row < innerPx
      const source = (row * innerPx + column) * 4
      const opacity = isInside ? (pixels[source + 3] ?? 0) / 255 : 0
      for (let channel = 0; channel < 3; channel++) {
        const own = isInside ? (pixels[source + channel] ?? 0) : 0
        const behind = background[channel] ?? 0
        rgb[((startPx + y) * sizePx + startPx + x) * 3 + channel] = Math.round(
          own * opacity + behind * (1 - opacity),
        )
      }
    }
}

/** Decode a PNG from its essential parts, never unpacking more than its size promises. */
function readPng(file: Buffer): DecodedPng {
  const chunks = chunksOf(file)
  const header = chunks[0]?.data
  if (chunks[0]?.type !== 'IHDR' || header === undefined || header.length !== 13)
    throw invalid('must be a PNG image')
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  if (width === 0 || height === 0 || width > MAX_SIDE_PX || height > MAX_SIDE_PX)
    throw invalid(`must have at most ${MAX_SIDE_PX} pixels a side`)
  const data = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data))
  // Eight bytes a pixel are the most there are; each line, in each of seven passes, has a byte of its own.
  const maxOutputLength = width * height * 8 + height * 7 + 1024
  try {
    inflateSync(data, { maxOutputLength })
    return decodePng(Buffer.concat([SIGNATURE, ...chunks.map(({ whole }) => whole)]), { checkCrc: true })
  } catch (error) {
    // Whatever a decoder stumbles over is not what it says it is.
    throw Object.assign(invalid('must be a PNG image'), { cause: error })
  }
}

interface Chunk {
  readonly type: string
  readonly data: Buffer
  /** With its length, type and checksum. */
  readonly whole: Buffer
}

function chunksOf(file: Buffer): readonly Chunk[] {
  if (!file.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw invalid('must be a PNG image')
  const chunks: Chunk[] = []
  for (let at = SIGNATURE.length; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at)
    const end = at + 12 + length
    if (end > file.length) throw invalid('must be a whole PNG image')
    const type = file.toString('latin1', at + 4, at + 8)
    if (KEPT_CHUNKS.includes(type))
      chunks.push({ type, data: file.subarray(at + 8, end - 4), whole: file.subarray(at, end) })
    if (type === 'IEND') return chunks
    at = end
  }
  throw invalid('must be a whole PNG image')
}

function toPicture(png: DecodedPng): Picture {
  const { width, height, depth, channels, palette, transparency, data } = png
  // The form that logos are kept in, and that most are sent in.
  if (depth === 8 && channels === 4 && palette === undefined && data instanceof Uint8Array)
    return { width, height, rgba: data }
  const rgba = new Uint8Array(width * height * 4)
  const sample = sampler(png)
  const to8 = 255 / (2 ** depth - 1)
  const hasOpacity = channels === 2 || channels === 4
  const [keyRed, keyGreen = keyRed, keyBlue = keyRed] = transparency ?? []
  for (let index = 0, at = 0; index < width * height; index++, at += 4) {
    const first = sample(index, 0)
    if (palette !== undefined) {
      const color = palette[first]
      for (let channel = 0; channel < 4; channel++)
        rgba[at + channel] = color?.[channel] ?? (channel === 3 ? 255 : 0)
      continue
    }
    const green = channels > 2 ? sample(index, 1) : first
    const blue = channels > 2 ? sample(index, 2) : first
    const isKeyed = first === keyRed && green === keyGreen && blue === keyBlue
    rgba[at] = first * to8
    rgba[at + 1] = green * to8
    rgba[at + 2] = blue * to8
    rgba[at + 3] = hasOpacity ? sample(index, channels - 1) * to8 : isKeyed ? 0 : 255
  }
  return { width, height, rgba }
}

/** Reads one value of a pixel; those of less than a byte are packed, each line from a new byte on. */
function sampler({ data, width, depth, channels }: DecodedPng): (pixel: number, channel: number) => number {
  if (depth >= 8) return (pixel, channel) => data[pixel * channels + channel] ?? 0
  const lineBytes = Math.ceil((width * depth) / 8)
  return (pixel) => {
    const bit = (pixel % width) * depth
    const byte = data[Math.floor(pixel / width) * lineBytes + (bit >> 3)] ?? 0
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1)
  }
}

/** A picture as a square of a size, as large as fits in it and in its middle: each pixel is the mean of what it covers. */
function scaled({ width, height, rgba }: Picture, sidePx: number): Uint8Array {
  const result = new Uint8Array(sidePx * sidePx * 4)
  const scale = Math.max(width, height) / sidePx
  const left = (width - sidePx * scale) / 2
  const top = (height - sidePx * scale) / 2
  for (let y = 0; y < sidePx; y++)
    for (let x = 0; x < sidePx; x++) {
      const [fromX, toX] = covered(left + x * scale, scale, width)
      const [fromY, toY] = covered(top + y * scale, scale, height)
      let red = 0
      let green = 0
      let blue = 0
      let opacity = 0
      for (let row = fromY; row < toY; row++)
        for (let at = (row * width + fromX) * 4; at < (row * width + toX) * 4; at += 4) {
          const share = rgba[at + 3] ?? 0
          // What cannot be seen has no say in the colour.
          red += (rgba[at] ?? 0) * share
          green += (rgba[at + 1] ?? 0) * share
          blue += (rgba[at + 2] ?? 0) * share
          opacity += share
        }
      if (opacity === 0) continue
      const to = (y * sidePx + x) * 4
      result[to] = Math.round(red / opacity)
      result[to + 1] = Math.round(green / opacity)
      result[to + 2] = Math.round(blue / opacity)
      result[to + 3] = Math.round(opacity / ((toX - fromX) * (toY - fromY)))
    }
  return result
}

/** The pixels of a side that a stretch covers; none outside of it. */
function covered(start: number, length: number, side: number): readonly [from: number, to: number] {
  const from = Math.floor(start + 1e-9)
  const to = Math.max(from + 1, Math.ceil(start + length - 1e-9))
  return [Math.max(0, Math.min(side, from)), Math.max(0, Math.min(side, to))]
}

function invalid(problem: string): DomainError<'qr-style-invalid'> {
  return new DomainError('qr-style-invalid', { field: 'logo', problem })
}
