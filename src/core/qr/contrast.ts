import { type HexColor, rgbOf } from './qr-style.ts'

/** What a scanner needs, in even light, to tell modules from background. */
const MIN_CONTRAST = 3

/**
 * Why scanners may fail to read a code of these colours, as a sentence: too little contrast, or modules lighter than
 * what is around them. Undefined when nothing speaks against them.
 */
export function contrastWarning(color: HexColor, background: HexColor): string | undefined {
  const module = luminance(color)
  const around = luminance(background)
  const contrast = (Math.max(module, around) + 0.05) / (Math.min(module, around) + 0.05)
  if (contrast < MIN_CONTRAST) {
    // Cut, not rounded: 2.96 is not enough and must not be shown as 3.0.
    const shown = (Math.floor(contrast * 10) / 10).toFixed(1)
    return `The contrast between ${color} and ${background} is only ${shown}:1; below ${MIN_CONTRAST}:1 many scanners cannot read the code.`
  }
  if (module > around)
    return `The code (${color}) is lighter than its background (${background}); many scanners read only dark codes on a light background.`
  return undefined
}

/** 0 for black to 1 for white. Source: WCAG 2.2, "relative luminance". */
function luminance(color: HexColor): number {
  const [red, green, blue] = rgbOf(color).map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
