import { type SeededRandom, weightedIndex } from './seeded-random.ts'

/** A User-Agent header, and how often it comes beside the others of its list. */
type Agent = readonly [share: number, userAgent: string]

const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
const BLINK = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)'
const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K)'

const DESKTOP: readonly Agent[] = [
  [40, `${WINDOWS} ${BLINK} Chrome/142.0.0.0 Safari/537.36`],
  [14, `${MAC} ${BLINK} Chrome/142.0.0.0 Safari/537.36`],
  [13, `${MAC} ${WEBKIT} Version/18.6 Safari/605.1.15`],
  [11, `${WINDOWS} ${BLINK} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`],
  [7, `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0`],
  [3, `Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0`],
  [4, `Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0`],
  [3, `Mozilla/5.0 (X11; Linux x86_64) ${BLINK} Chrome/141.0.0.0 Safari/537.36`],
  [2, `${WINDOWS} ${BLINK} Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0`],
  [1, `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${BLINK} Chrome/141.0.0.0 Safari/537.36`],
]

const MOBILE: readonly Agent[] = [
  [36, `${IPHONE} ${WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1`],
  [38, `${ANDROID} ${BLINK} Chrome/142.0.0.0 Mobile Safari/537.36`],
  [7, `${ANDROID} ${BLINK} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`],
  [4, `${IPHONE} ${WEBKIT} CriOS/142.0.7444.46 Mobile/15E148 Safari/604.1`],
  [2, `Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0`],
  [4, `Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) ${WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1`],
]

/** Pages that are shown inside the app in which the link was. */
const APPS: readonly Agent[] = [
  [5, `${IPHONE} ${WEBKIT} Mobile/15E148 Instagram 402.0.0.31.84 (iPhone15,3; iOS 18_6; en_US)`],
  [
    3,
    `Mozilla/5.0 (Linux; Android 15; SM-S921B Build/AP3A.240905.015; wv) ${BLINK} Version/4.0 Chrome/141.0.0.0 Mobile Safari/537.36 Instagram 402.0.0.50.89 Android`,
  ],
  [
    2,
    `${IPHONE} ${WEBKIT} Mobile/15E148 [FBAN/FBIOS;FBAV/534.0.0.42.68;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/18.6]`,
  ],
]

const PROGRAMS: readonly Agent[] = [
  [26, 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'],
  [12, 'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)'],
  [14, 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)'],
  [8, 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)'],
  [8, 'Twitterbot/1.0'],
  [5, 'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)'],
  [7, 'TelegramBot (like TwitterBot)'],
  [8, 'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)'],
  [
    6,
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
  ],
  [6, 'curl/8.14.1'],
]

/** A function that draws a User-Agent header from a list. */
function drawer(agents: readonly Agent[]): (random: SeededRandom) => string {
  const choose = weightedIndex(agents.map(([share]) => share))
  return (random) => agents[choose(random)]?.[1] ?? ''
}

export const drawDesktopAgent = drawer(DESKTOP)
export const drawMobileAgent = drawer(MOBILE)
export const drawAppAgent = drawer(APPS)
export const drawProgramAgent = drawer(PROGRAMS)
