/** How people come to a demo link: where they found it, and when they follow it. */
export interface DemoChannel {
  /** What the Referer header says, and how often; empty is none. */
  readonly referrers: readonly (readonly [share: number, referrer: string])[]
  /** Of people, who use a phone, beside what is usual in their country. */
  readonly mobileFactor: number
  /** Monday to Sunday. */
  readonly weekdays: readonly [number, number, number, number, number, number, number]
  /** By the hour of the place, from midnight. */
  readonly hours: readonly number[]
  /** Of clicks, those by the QR code. */
  readonly scanShare: number
  /** Of clicks, those that say which campaign they are of. */
  readonly taggedShare: number
  readonly utm: { readonly source: string; readonly medium: string }
}

const OFFICE_HOURS = [2, 1, 1, 1, 1, 2, 5, 11, 24, 38, 42, 40, 33, 37, 42, 40, 34, 25, 17, 14, 13, 12, 8, 4]
const EVENING_HOURS = [
  9, 5, 3, 2, 1, 2, 6, 12, 16, 17, 18, 20, 24, 23, 21, 22, 25, 30, 36, 42, 46, 44, 33, 18,
]
const SHOP_HOURS = [0, 0, 0, 0, 0, 0, 1, 6, 18, 30, 40, 46, 50, 45, 42, 46, 52, 56, 44, 22, 9, 4, 1, 0]

const WORKING_WEEK = [1.18, 1.24, 1.22, 1.16, 0.98, 0.52, 0.55] as const
const LEISURE_WEEK = [0.86, 0.88, 0.92, 0.98, 1.06, 1.2, 1.24] as const

/** The channels by name. */
export const DEMO_CHANNELS = {
  newsletter: {
    referrers: [
      [62, ''],
      [20, 'https://mail.google.com/'],
      [10, 'https://outlook.live.com/'],
      [4, 'https://mail.yahoo.com/'],
      [4, 'https://app.fastmail.com/'],
    ],
    mobileFactor: 1,
    weekdays: [0.8, 1.5, 1.2, 1.3, 0.9, 0.55, 0.6],
    hours: OFFICE_HOURS,
    scanShare: 0,
    taggedShare: 0.8,
    utm: { source: 'newsletter', medium: 'email' },
  },
  social: {
    referrers: [
      [26, 'https://l.instagram.com/'],
      [14, 'https://l.facebook.com/l.php'],
      [15, 'https://t.co/'],
      [10, 'https://www.linkedin.com/'],
      [9, 'https://www.youtube.com/'],
      [8, 'https://www.reddit.com/'],
      [5, 'https://bsky.app/'],
      [4, 'android-app://org.telegram.messenger'],
      [9, ''],
    ],
    mobileFactor: 1.35,
    weekdays: LEISURE_WEEK,
    hours: EVENING_HOURS,
    scanShare: 0,
    taggedShare: 0.45,
    utm: { source: 'instagram', medium: 'social' },
  },
  search: {
    referrers: [
      [58, 'https://www.google.com/'],
      [12, 'https://www.bing.com/'],
      [9, 'https://duckduckgo.com/'],
      [3, 'https://www.ecosia.org/'],
      [18, ''],
    ],
    mobileFactor: 0.9,
    weekdays: WORKING_WEEK,
    hours: OFFICE_HOURS,
    scanShare: 0,
    taggedShare: 0.1,
    utm: { source: 'google', medium: 'cpc' },
  },
  developers: {
    referrers: [
      [30, 'https://github.com/'],
      [16, 'https://news.ycombinator.com/'],
      [9, 'https://lobste.rs/'],
      [12, 'https://www.google.com/'],
      [10, 'https://www.reddit.com/'],
      [23, ''],
    ],
    mobileFactor: 0.55,
    weekdays: WORKING_WEEK,
    hours: OFFICE_HOURS,
    scanShare: 0,
    taggedShare: 0.05,
    utm: { source: 'docs', medium: 'referral' },
  },
  print: {
    referrers: [[1, '']],
    mobileFactor: 9,
    weekdays: [0.72, 0.76, 0.84, 0.98, 1.22, 1.58, 0.9],
    hours: SHOP_HOURS,
    scanShare: 0.82,
    taggedShare: 0,
    utm: { source: 'print', medium: 'qr' },
  },
  team: {
    referrers: [
      [34, 'https://app.slack.com/'],
      [12, 'https://teams.microsoft.com/'],
      [10, 'https://www.notion.so/'],
      [44, ''],
    ],
    mobileFactor: 0.5,
    weekdays: [1.3, 1.34, 1.28, 1.2, 1.02, 0.24, 0.22],
    hours: OFFICE_HOURS,
    scanShare: 0,
    taggedShare: 0,
    utm: { source: 'intranet', medium: 'referral' },
  },
} as const satisfies Readonly<Record<string, DemoChannel>>

/** A name of {@link DEMO_CHANNELS}. */
export type DemoChannelName = keyof typeof DEMO_CHANNELS
