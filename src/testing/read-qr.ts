import { decode as decodePng } from 'fast-png'
import jsQR from 'jsqr'

/** A square image, row by row. */
export interface Bitmap {
  readonly sizePx: number
  /** The colour of a pixel as `#rrggbb`. */
  colorAt(x: number, y: number): string
}

/** The pixels of a QR code's file: a PNG, or an SVG of a `<rect>` and one `<path>` of rectangles. */
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
  const { width, height, data, depth, palette = [] } = png
  if (width !== height || depth !== 1) throw new Error(`${width} × ${height} pixels of ${depth} bits`)
  const colors = palette.map((rgb) => `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`)
  const lineBytes = Math.ceil(width / 8)
  return {
    sizePx: width,
    colorAt(x, y) {
      const byte = data[y * lineBytes + (x >> 3)] ?? 0
      return colors[(byte >> (7 - (x & 7))) & 1] ?? ''
    },
  }
}

function rasterise(svg: string): Bitmap {
  const [, size = '', units = '', background = '', color = '', path = ''] =
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="(\d+)" height="\1" viewBox="0 0 (\d+) \2" shape-rendering="crispEdges"><rect width="\2" height="\2" fill="(#\w{6})"\/><path fill="(#\w{6})" d="([^"]*)"\/><\/svg>\n$/.exec(
      svg,
    ) ?? []
  const unitsPerSide = Number(units)
  const isSet = new Set<number>()
  for (const [, x = '', y = '', width = ''] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
    for (let unit = 0; unit < Number(width); unit++) isSet.add(Number(y) * unitsPerSide + Number(x) + unit)
  const sizePx = Number(size)
  const unitAt = (pixel: number) => Math.floor(((pixel + 0.5) * unitsPerSide) / sizePx)
  return {
    sizePx,
    colorAt: (x, y) => (isSet.has(unitAt(y) * unitsPerSide + unitAt(x)) ? color : background),
  }
}
