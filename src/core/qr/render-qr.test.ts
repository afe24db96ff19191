import { expect, test } from 'bun:test'
import { DomainError } from '#core/errors.ts'
import { readQrBitmap, scanQr } from '#testing/read-qr.ts'
import { contrastWarning } from './contrast.ts'
import {
  changeQrStyle,
  DEFAULT_QR_STYLE,
  ERROR_CORRECTIONS,
  parseHexColor,
  parseQrStyle,
  QR_FORMATS,
  type QrStyleInput,
} from './qr-style.ts'
import { rememberQrImages, renderQr, requireDrawable } from './render-qr.ts'

const ADDRESS = 'https://go.example.com/aB3x7kL?qr=1'
const SIZES = [100, 101, 300, 1000] as const
const COLORS = [
  ['#000000', '#ffffff'],
  ['#1a5fb4', '#fff3c4'],
  ['#ffffff', '#202020'],
] as const

const styled = (input: QrStyleInput) => changeQrStyle(DEFAULT_QR_STYLE, parseQrStyle(input))

/** Every format, size and error correction, the colours taking turns. */
const EVERY_STYLE = QR_FORMATS.flatMap((format, formatIndex) =>
  SIZES.flatMap((sizePx, sizeIndex) =>
    ERROR_CORRECTIONS.map((errorCorrection, levelIndex) => {
      const [color, background] = COLORS[(formatIndex + sizeIndex + levelIndex) % COLORS.length] ?? COLORS[0]
      return { format, sizePx, errorCorrection, color, background }
    }),
  ),
)

test.each(EVERY_STYLE)(
  'a scanner reads $format $sizePx px $errorCorrection $color on $background',
  (style) => {
    const image = renderQr(ADDRESS, styled(style))

    expect(image.contentType).toBe(style.format === 'png' ? 'image/png' : 'image/svg+xml')
    const bitmap = readQrBitmap(image.body, image.contentType)
    expect(bitmap.sizePx).toBe(style.sizePx)
    expect(scanQr(bitmap)).toBe(ADDRESS)
  },
)

test.each(EVERY_STYLE)(
  'four modules stay free on each side of $format $sizePx px $errorCorrection $color on $background',
  (style) => {
    const { body, contentType } = renderQr(ADDRESS, styled(style))

    const bitmap = readQrBitmap(body, contentType)
    const { sizePx } = bitmap
    const pixels = Array.from({ length: sizePx }, (_, index) => index)
    const isBlank = (line: (other: number) => string) =>
      pixels.every((other) => line(other) === style.background)
    const top = pixels.findIndex((y) => !isBlank((x) => bitmap.colorAt(x, y)))
    const bottom = sizePx - 1 - pixels.findLastIndex((y) => !isBlank((x) => bitmap.colorAt(x, y)))
    const left = pixels.findIndex((x) => !isBlank((y) => bitmap.colorAt(x, y)))
    const right = sizePx - 1 - pixels.findLastIndex((x) => !isBlank((y) => bitmap.colorAt(x, y)))
    // The finder pattern begins with seven modules in a row.
    const finderPx = pixels.slice(left).findIndex((x) => bitmap.colorAt(x, top) !== style.color)
    const modulePx = style.format === 'png' ? finderPx / 7 : (finderPx - 1) / 7
    if (style.format === 'png') expect(modulePx % 1).toBe(0)
    expect(Math.min(top, bottom, left, right)).toBeGreaterThanOrEqual(Math.floor(4 * modulePx))
    expect(Math.max(top, bottom, left, right) - Math.min(top, bottom, left, right)).toBeLessThanOrEqual(1)
  },
)

test.each([100, 300, 1000])('every module of a PNG of %d px is a square of whole pixels', (sizePx) => {
  const { body, contentType } = renderQr(ADDRESS, styled({ sizePx }))

  const bitmap = readQrBitmap(body, contentType)
  const side = 29 + 8
  const modulePx = Math.floor(sizePx / side)
  const margin = Math.floor((sizePx - side * modulePx) / 2)
  for (let y = 0; y < side * modulePx; y++)
    for (let x = 0; x < side * modulePx; x++) {
      const corner = bitmap.colorAt(margin + x - (x % modulePx), margin + y - (y % modulePx))
      if (bitmap.colorAt(margin + x, margin + y) !== corner) throw new Error(`pixel ${x}, ${y} is torn`)
    }
  expect(body.length).toBeLessThan(2_000)
})

test('the default is 300 pixels of PNG, black on white, medium error correction', () => {
  expect(DEFAULT_QR_STYLE as unknown).toEqual({
    color: '#000000',
    background: '#ffffff',
    sizePx: 300,
    format: 'png',
    errorCorrection: 'M',
  })
})

test.each(['WIFI:T:WPA;S:Café ☕;P:p\\;w;;', '1234567890', 'HTTPS://GO.EXAMPLE.COM/A', 'x'.repeat(1273)])(
  'any text can be encoded: %p',
  (text) => {
    const { body, contentType } = renderQr(text, styled({ sizePx: 1000, errorCorrection: 'H' }))

    expect(scanQr(readQrBitmap(body, contentType))).toBe(text)
  },
)

test.each([...QR_FORMATS])('the same text and style give the same %s, another does not', (format) => {
  const first = renderQr(ADDRESS, styled({ format }))
  const second = renderQr(ADDRESS, styled({ format }))
  const other = renderQr(`${ADDRESS}1`, styled({ format }))
  const recoloured = renderQr(ADDRESS, styled({ format, color: '#000001' }))

  expect(second).toEqual(first)
  expect(new Set([first.digest, other.digest, recoloured.digest]).size).toBe(3)
})

test.each([...QR_FORMATS])('a code with more modules than pixels is refused as %s', (format) => {
  const text = 'x'.repeat(400)

  expect(refusal(() => renderQr(text, styled({ format, sizePx: 100, errorCorrection: 'H' })))).toEqual({
    code: 'qr-style-invalid',
    details: { field: 'sizePx', problem: 'must be at least 109 for a text of this length' },
  })
  expect(() => requireDrawable(text, styled({ format, sizePx: 109, errorCorrection: 'H' }))).not.toThrow()
})

test('a text longer than any code is refused', () => {
  for (const [errorCorrection, bytes] of [
    ['L', 2953],
    ['M', 2331],
    ['Q', 1663],
    ['H', 1273],
  ] as const) {
    const style = styled({ sizePx: 1000, errorCorrection })
    expect(() => requireDrawable('é'.repeat(bytes / 2), style)).not.toThrow()
    expect(refusal(() => requireDrawable('é'.repeat(bytes / 2 + 1), style))).toEqual({
      code: 'qr-style-invalid',
      details: {
        field: 'errorCorrection',
        problem: `leaves room for ${bytes} bytes, and the text is longer`,
      },
    })
  }
})

test.each([
  ['#FFF', '#ffffff'],
  ['08f', '#0088ff'],
  ['#1a2B3c', '#1a2b3c'],
  [' 1A2B3C ', '#1a2b3c'],
])('the colour %s is %s', (text, color) => {
  expect(parseHexColor(text, 'color')).toBe(color as never)
})

test.each([
  [{ color: 'red' }, 'color', 'must be a hex color such as #000000'],
  [{ color: '' }, 'color', 'must be a hex color such as #000000'],
  [{ color: '#12345' }, 'color', 'must be a hex color such as #000000'],
  [{ color: '#12345678' }, 'color', 'must be a hex color such as #000000'],
  [{ color: '"/><script>' }, 'color', 'must be a hex color such as #000000'],
  [{ background: '##fff' }, 'background', 'must be a hex color such as #000000'],
  [{ sizePx: 99 }, 'sizePx', 'must be a whole number between 100 and 1000'],
  [{ sizePx: 1001 }, 'sizePx', 'must be a whole number between 100 and 1000'],
  [{ sizePx: 300.5 }, 'sizePx', 'must be a whole number between 100 and 1000'],
  [{ sizePx: Number.NaN }, 'sizePx', 'must be a whole number between 100 and 1000'],
  [{ format: 'jpg' }, 'format', 'must be one of png, svg'],
  [{ errorCorrection: 'X' }, 'errorCorrection', 'must be one of L, M, Q, H'],
])('the style %p is refused', (input, field, problem) => {
  expect(refusal(() => parseQrStyle(input))).toEqual({
    code: 'qr-style-invalid',
    details: { field, problem },
  })
})

test('the case of format and error correction does not matter', () => {
  expect(parseQrStyle({ format: 'SVG', errorCorrection: 'h' })).toEqual({
    format: 'svg',
    errorCorrection: 'H',
  })
  expect(parseQrStyle({})).toEqual({})
})

test.each([
  ['#000000', '#ffffff', undefined],
  ['#1a5fb4', '#ffffff', undefined],
  ['#949494', '#ffffff', undefined],
  [
    '#959595',
    '#ffffff',
    'The contrast between #959595 and #ffffff is only 2.9:1; below 3:1 many scanners cannot read the code.',
  ],
  [
    '#ffff00',
    '#ffffff',
    'The contrast between #ffff00 and #ffffff is only 1.0:1; below 3:1 many scanners cannot read the code.',
  ],
  [
    '#123456',
    '#123456',
    'The contrast between #123456 and #123456 is only 1.0:1; below 3:1 many scanners cannot read the code.',
  ],
  [
    '#ffffff',
    '#000000',
    'The code (#ffffff) is lighter than its background (#000000); many scanners read only dark codes on a light background.',
  ],
])('%s on %s: %s', (color, background, warning) => {
  expect(contrastWarning(parseHexColor(color, 'color'), parseHexColor(background, 'background'))).toBe(
    warning as never,
  )
})

test('images are remembered by text and style, the ones asked for least lately forgotten first', () => {
  const drawn: string[] = []
  const render = rememberQrImages((text, style) => {
    drawn.push(text)
    return renderQr(text, style)
  }, 3_500)
  const draw = (text: string) => render(text, DEFAULT_QR_STYLE)

  const first = draw('a')
  expect(draw('a')).toBe(first)
  expect(drawn).toEqual(['a'])
  render('a', styled({ color: '#111' }))
  expect(drawn).toEqual(['a', 'a'])

  for (const text of ['b', 'a', 'c', 'a', 'd', 'a', 'e']) draw(text)
  expect(drawn).toEqual(['a', 'a', 'b', 'c', 'd', 'e'])
  draw('b')
  expect(drawn).toEqual(['a', 'a', 'b', 'c', 'd', 'e', 'b'])
})

function refusal(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return { code: error.code, details: error.details }
  }
}
