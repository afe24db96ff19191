import { isbot } from 'isbot'
import UAParser from 'ua-parser-js'

/** What a User-Agent header says about who sent it; what it does not say is empty. */
export interface UserAgent {
  /** `Chrome`, `Safari`, `Instagram`; the same name on every device. */
  readonly browser: string
  /** One of the names of {@link OPERATING_SYSTEMS}. */
  readonly operatingSystem: string
  readonly device: 'desktop' | 'mobile' | 'tablet' | ''
  /** A program rather than a person: what it claims to be besides is not believed. */
  readonly isBot: boolean
}

/** Longer ones are cut. The libraries' patterns take time that grows faster than the text. */
const MAX_USER_AGENT = 512
const MAX_NAME = 40

const NOTHING_SAID: UserAgent = { browser: '', operatingSystem: '', device: '', isBot: false }
const BOT: UserAgent = { ...NOTHING_SAID, isBot: true }

/**
 * HTTP stacks of apps and of Office, which fetch a link for its preview or its target, and are no browser. Pages inside
 * apps are shown by web views, whose user agents differ.
 */
const APP_HTTP_STACK = /^Dalvik\/|\bCFNetwork\/|\bms-office\b/

/** Apps that show pages themselves and that the library does not know. */
const APPS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bTelegram-Android\//, 'Telegram'],
  [/\bBarcelona \d/, 'Threads'],
  [/\[Pinterest\//, 'Pinterest'],
]

/** What the library calls a browser, in lower case, and what reports call it. */
const BROWSERS = new Map([
  ['mobile safari', 'Safari'],
  ['chrome webview', 'Android WebView'],
  ['opera mobi', 'Opera'],
  ['opera tablet', 'Opera'],
  ['gsa', 'Google Search'],
  ['silk', 'Amazon Silk'],
  ['ucbrowser', 'UC Browser'],
  ['yandex', 'Yandex Browser'],
  ['ie', 'Internet Explorer'],
  ['iemobile', 'Internet Explorer'],
  ['qqbrowser', 'QQ Browser'],
  ['qqbrowserlite', 'QQ Browser'],
  ['360', '360 Browser'],
  ['2345', '2345 Browser'],
  ['duckduckgo', 'DuckDuckGo'],
  ['librewolf', 'LibreWolf'],
  ['palemoon', 'Pale Moon'],
  ['seamonkey', 'SeaMonkey'],
  ['kakaotalk', 'KakaoTalk'],
  ['opera mini', 'Opera Mini'],
  ['opera touch', 'Opera Touch'],
  ['opera gx', 'Opera GX'],
  ['firefox focus', 'Firefox Focus'],
  ['samsung internet', 'Samsung Internet'],
  ['miui browser', 'MIUI Browser'],
  ['huawei browser', 'Huawei Browser'],
  ['vivo browser', 'Vivo Browser'],
  ['android browser', 'Android Browser'],
  ['coc coc', 'Coc Coc'],
  ['linkedin', 'LinkedIn'],
  ['tiktok', 'TikTok'],
  ['wechat', 'WeChat'],
  // Engines: which browser it is they do not say.
  ['webkit', ''],
  ['khtml', ''],
  ['mozilla', ''],
])

/** What the library calls an operating system, in lower case, and what reports call it. Distributions are Linux. */
const OPERATING_SYSTEMS = new Map([
  ['windows', 'Windows'],
  ['windows phone', 'Windows Phone'],
  ['windows mobile', 'Windows Phone'],
  ['mac os', 'macOS'],
  ['ios', 'iOS'],
  ['android', 'Android'],
  ['android-x86', 'Android'],
  ['harmonyos', 'HarmonyOS'],
  ['openharmony', 'HarmonyOS'],
  ['chromium os', 'Chrome OS'],
  ['linux', 'Linux'],
  ['tizen', 'Tizen'],
  ['webos', 'webOS'],
  ['kaios', 'KaiOS'],
  ['chromecast', 'Chromecast'],
  ['playstation', 'PlayStation'],
  ['nintendo', 'Nintendo'],
  ['xbox', 'Xbox'],
  ['freebsd', 'FreeBSD'],
  ['openbsd', 'OpenBSD'],
  ['netbsd', 'NetBSD'],
  ['blackberry', 'BlackBerry'],
  ['sailfish', 'Sailfish OS'],
  ['symbian', 'Symbian'],
])
const HAND_HELD_SYSTEMS = new Set([
  'iOS',
  'Android',
  'HarmonyOS',
  'KaiOS',
  'Windows Phone',
  'BlackBerry',
  'Symbian',
])

/**
 * Read a User-Agent header. A request without one comes from a program. Televisions, consoles and cars count as desktop,
 * watches as mobile.
 *
 * Source: the patterns of `ua-parser-js` 1 and `isbot` 5.
 */
export function parseUserAgent(header: string): UserAgent {
  const text = header.slice(0, MAX_USER_AGENT).trim()
  if (text === '' || isbot(text) || APP_HTTP_STACK.test(text)) return BOT
  const parser = new UAParser(text)
  const operatingSystem = systemName(parser.getOS().name, text)
  return {
    browser: browserName(parser.getBrowser().name, text, operatingSystem),
    operatingSystem,
    device: deviceKind(parser.getDevice().type, operatingSystem),
    isBot: false,
  }
}

function browserName(name: string | undefined, text: string, operatingSystem: string): string {
  const app = APPS.find(([pattern]) => pattern.test(text))
  if (app !== undefined) return app[1]
  if (name === undefined) return ''
  if (name === 'WebKit' && operatingSystem === 'iOS') return 'iOS WebView'
  const known = BROWSERS.get(name.toLowerCase())
  if (known !== undefined) return known
  // Where the library takes over the header's own spelling, one of them is chosen.
  return name.slice(0, 1).toUpperCase() + name.slice(1, MAX_NAME).toLowerCase()
}

function systemName(name: string | undefined, text: string): string {
  const known = OPERATING_SYSTEMS.get(name?.toLowerCase() ?? '')
  return known ?? (/\b(?:linux|x11|ubuntu)\b/i.test(text) ? 'Linux' : '')
}

function deviceKind(type: string | undefined, operatingSystem: string): UserAgent['device'] {
  if (type === 'tablet') return 'tablet'
  if (type === 'mobile' || type === 'wearable') return 'mobile'
  if (type !== undefined) return 'desktop'
  if (HAND_HELD_SYSTEMS.has(operatingSystem)) return 'mobile'
  return operatingSystem === '' ? '' : 'desktop'
}
