import { decode as decodePng } from 'fast-png'
import jsQR from 'jsqr'

/** A square image, row by row. */
export interface Bitmap {
  readonly sizePx: number
  /** The colour of a pixel as `#rrggbb`. */
  colorAt(x: number, y: number): string
}

/**
 * The pixels of a QR code's file: a PNG, or an SVG of a `<rect>` and one `<path>` of rectangles and, over them, perhaps a logo.
 */
export function readQrBitmap(body: Uint8Array, contentType: string): Bitmap {
  return contentType === 'image/png' ? readPng(body) : rasterise(new TextDecoder().decode(body))
}

/** What a scanner reads in an image; undefined when it finds no code there. */
export function scanQr(bitmap: Bitmap): string | undefined {
  const { sizePx } = bitmap
  const pixels = new Uint8ClampedArray(sizePx * sizePx * 4)
  for (let y = 0; y < sizePx; y++)
    for (let x = 0; x < sizePx; x++) {
      const rgb = Number.parseInt(bitmap.colorAt(x, y).slice(1), 16)
      pixels.set([rgb >> 16, (rgb >> 8) & 255, rgb & 255, 255], (y * sizePx + x) * 4)
    }
  return jsQR.default(pixels, sizePx, sizePx)?.data
}

function readPng(body: Uint8Array): Bitmap {
  const png = decodePng(body, { checkCrc: true })
  const { width, height, data, depth, channels, palette = [] } = png
  if (width !== height) throw new Error(`${width} × ${height} pixels`)
  if (depth === 8 && channels === 3)
    return {
      sizePx: width,
      colorAt: (x, y) => hexOf([...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)]),
    }
  if (depth !== 1) throw new Error(`${depth} bits a pixel`)
  const colors = palette.map(hexOf)
  const lineBytes = Math.ceil(width / 8)
  return {
    sizePx: width,
    colorAt(x, y) {
      const byte = data[y * lineBytes + (x >> 3)] ?? 0
      return colors[(byte >> (7 - (x & 7))) & 1] ?? ''
    },
  }
}

function hexOf(rgb: readonly number[]): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

const SVG =
  /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="(\d+)" height="\1" viewBox="0 0 (\d+) \2" shape-rendering="crispEdges"><rect width="\2" height="\2" fill="(#\w{6})"\/><path fill="(#\w{6})" d="([^"]*)"\/>(.*)<\/svg>\n$/
const SVG_LOGO =
  /^<rect x="(\d+)" y="\1" width="(\d+)" height="\2" fill="(#\w{6})"\/><image x="([\d.]+)" y="\4" width="([\d.]+)" height="\5" href="data:image\/png;base64,([\w+/=]+)"\/>$/

function rasterise(svg: string): Bitmap {
  const [, size = '', units = '', background = '', color = '', path = '', rest = ''] = SVG.exec(svg) ?? []
  const unitsPerSide = Number(units)
  const isSet = new Set<number>()
  for (const [, x = '', y = '', width = ''] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
    for (let unit = 0; unit < Number(width); unit++) isSet.add(Number(y) * unitsPerSide + Number(x) + unit)
  const sizePx = Number(size)
  const logoAt = rest === '' ? () => undefined : logoColors(rest)
  const placeOf = (pixel: number) => ((pixel + 0.5) * unitsPerSide) / sizePx
  return {
    sizePx,
    colorAt(x, y) {
      const [column, row] = [placeOf(x), placeOf(y)]
      const module = isSet.has(Math.floor(row) * unitsPerSide + Math.floor(column)) ? color : background
      return logoAt(column, row) ?? module
    },
  }
}

/** The colour of what lies over a code, by place in its units; undefined where nothing does. */
function logoColors(svg: string): (x: number, y: number) => string | undefined {
  const [, start = '', length = '', fill = '', inner = '', innerLength = '', base64 = ''] =
    SVG_LOGO.exec(svg) ?? []
  if (base64 === '') throw new Error(`no logo: ${svg.slice(0, 200)}`)
  const { width, height, data, channels } = decodePng(Buffer.from(base64, 'base64'), { checkCrc: true })
  const isWithin = (place: number, from: string, span: string) =>
    place >= Number(from) && place < Number(from) + Number(span)
  return (x, y) => {
    if (!isWithin(x, start, length) || !isWithin(y, start, length)) return undefined
    if (!isWithin(x, inner, innerLength) || !isWithin(y, inner, innerLength)) return fill
    const column = Math.floor(((x - Number(inner)) / Number(innerLength)) * width)
    const row = Math.floor(((y - Number(inner)) / Number(innerLength)) * height)
    const pixel = [...data.subarray((row * width + column) * channels, (row * width + column) * channels + 4)]
    return (pixel[3] ?? 255) < 128 ? fill : hexOf(pixel.slice(0, 3))
  }
}
