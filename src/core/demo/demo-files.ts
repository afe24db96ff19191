import { encode as encodePng } from 'fast-png'
import { type SeededRandom, seededRandom } from './seeded-random.ts'

/** A file of the demo. */
export interface DemoFile {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly createdDaysAgo: number
  /** How long it stays; absent, for good. */
  readonly expiryDays?: number
  readonly hasPassword?: boolean
  /** The path of its short link. */
  readonly slug?: string
  readonly downloads: number
}

/** Every file of the demo, the same ones every time. */
export function demoFiles(): readonly DemoFile[] {
  const random = seededRandom(1)
  return [
    {
      name: 'Price list.csv',
      mediaType: 'text/csv',
      bytes: new TextEncoder().encode(priceList(random)),
      createdDaysAgo: 34,
      hasPassword: true,
      downloads: 18,
    },
    {
      name: 'Ridge at dawn.png',
      mediaType: 'image/png',
      bytes: ridgeAtDawn(random),
      createdDaysAgo: 21,
      slug: 'press-photo',
      downloads: 143,
    },
    {
      name: 'Trail sounds.wav',
      mediaType: 'audio/wav',
      bytes: trailSounds(random),
      createdDaysAgo: 11,
      expiryDays: 60,
      downloads: 37,
    },
    {
      name: 'Care instructions.txt',
      mediaType: 'text/plain',
      bytes: new TextEncoder().encode(
        'Wash at 30 °C with a mild detergent.\nNo softener, no bleach.\nDry on the line; proof again twice a year.\n',
      ),
      createdDaysAgo: 3,
      expiryDays: 7,
      downloads: 4,
    },
  ]
}

const PRODUCTS = ['Tent', 'Pack', 'Jacket', 'Stove', 'Sleeping bag', 'Mat', 'Lamp', 'Gloves']
const MODELS = ['Ridgeline', 'Coast', 'Summit', 'Moor', 'Glen']

function priceList(random: SeededRandom): string {
  const rows = PRODUCTS.flatMap((product) =>
    MODELS.map((model, index) => {
      const number = `${product.slice(0, 2).toUpperCase()}-${100 + index}`
      return `${number},${product} ${model},${(19 + random.below(480)).toFixed(0)}.90,EUR`
    }),
  )
  return `number,article,price,currency\n${rows.join('\n')}\n`
}

const WIDTH_PX = 480
const HEIGHT_PX = 300

/** A sky that grows light over three ranges of hills. */
function ridgeAtDawn(random: SeededRandom): Uint8Array {
  const ranges = [150, 195, 240].map((base, depth) => {
    const waves = Array.from({ length: 4 }, (_, octave) => ({
      length: 130 / (octave + 1),
      height: 26 / (octave + 1),
      phase: random.fraction() * 7,
    }))
    const horizon = (x: number) =>
      base + waves.reduce((sum, { length, height, phase }) => sum + height * Math.sin(x / length + phase), 0)
    return { horizon, color: [74 - depth * 26, 92 - depth * 28, 128 - depth * 34] as const }
  })
  const data = new Uint8Array(WIDTH_PX * HEIGHT_PX * 3)
  for (let x = 0; x < WIDTH_PX; x++) {
    const horizons = ranges.map(({ horizon }) => horizon(x))
    for (let y = 0; y < HEIGHT_PX; y++) {
      const light = y / HEIGHT_PX
      const sky = [96 + 190 * light, 120 + 110 * light, 190 + 10 * light] as const
      const nearest = horizons.findLastIndex((horizon) => y > horizon)
      data.set(ranges[nearest]?.color ?? sky.map((part) => Math.min(255, part)), (y * WIDTH_PX + x) * 3)
    }
  }
  return encodePng({ width: WIDTH_PX, height: HEIGHT_PX, data, channels: 3 })
}

const SAMPLES_PER_S = 8_000
const DURATION_S = 6
const WAV_HEADER_BYTES = 44

/** Wind, and a bird now and then: 16-bit PCM. Source: RIFF WAVE, "Multimedia Programming Interface 1.0" (1991). */
function trailSounds(random: SeededRandom): Uint8Array {
  const samples = SAMPLES_PER_S * DURATION_S
  const file = new DataView(new ArrayBuffer(WAV_HEADER_BYTES + samples * 2))
  const word = (at: number, text: string) =>
    text.split('').forEach((letter, index) => file.setUint8(at + index, letter.charCodeAt(0)))
  word(0, 'RIFF')
  file.setUint32(4, 36 + samples * 2, true)
  word(8, 'WAVEfmt ')
  file.setUint32(16, 16, true)
  file.setUint16(20, 1, true)
  file.setUint16(22, 1, true)
  file.setUint32(24, SAMPLES_PER_S, true)
  file.setUint32(28, SAMPLES_PER_S * 2, true)
  file.setUint16(32, 2, true)
  file.setUint16(34, 16, true)
  word(36, 'data')
  file.setUint32(40, samples * 2, true)
  let wind = 0
  for (let sample = 0; sample < samples; sample++) {
    const s = sample / SAMPLES_PER_S
    wind = 0.985 * wind + 0.015 * (random.fraction() * 2 - 1)
    const beat = s % 1.5
    const bird =
      beat < 0.22
        ? 0.12 * Math.sin(2 * Math.PI * (2_100 + 900 * beat) * s) * Math.sin((beat / 0.22) * Math.PI)
        : 0
    const value = 2.2 * wind * (0.6 + 0.4 * Math.sin(s)) + bird
    file.setInt16(WAV_HEADER_BYTES + sample * 2, Math.max(-1, Math.min(1, value)) * 32_000, true)
  }
  return new Uint8Array(file.buffer)
}
