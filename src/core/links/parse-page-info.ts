import { Parser } from 'htmlparser2'

/** What a web page says about itself. */
export interface PageInfo {
  /** At most 200 characters in one line, without control characters; undefined when there is none. */
  readonly title: string | undefined
  /** Absolute http(s) URL, at most 2,048 characters; nobody looked whether there is an icon. */
  readonly faviconUrl: string
}

/** A page as it was received. */
export interface FetchedPage {
  /** The first part will do. */
  readonly bytes: Uint8Array
  /** The header, when there was one. */
  readonly contentType: string | undefined
  /** Absolute http(s) URL, after redirects. */
  readonly url: string
}

const MAX_TITLE_CHARACTERS = 200
const MAX_ICON_URL_LENGTH = 2_048
/** Icons of a page that are looked at. */
const MAX_ICONS = 32
/** Elements within elements that are followed; the parser's time grows with the square of it. */
const MAX_DEPTH = 512
/** How far into a page its encoding may be declared (HTML standard, "prescan a byte stream"). */
const PRESCAN_BYTES = 1_024

/** Pixels at which an icon looks good in a list. */
const GOOD_ICON_SIZE = 32
/** What icons without a size count as: icons, scalable ones, and those for the home screen. */
const UNKNOWN_ICON_SIZE = 16
const SCALABLE_ICON_SIZE = 48
const TOUCH_ICON_SIZE = 180

/** Invisible characters that turn around the direction of what follows, beyond the title too. */
const DIRECTION_OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/gu

/**
 * Read a page's title and favicon, however broken its HTML is.
 *
 * The title is that of the first `<title>` outside drawings. Of several icons it is the smallest from 32 pixels on, or
 * else the largest; without any, `/favicon.ico`. Time is linear in the size of the page.
 */
export function parsePageInfo(page: FetchedPage): PageInfo {
  const head = readHead(decodeHtml(page.bytes, page.contentType))
  const base = parseWebUrl(head.baseHref ?? '', page.url) ?? new URL(page.url)
  const icon = head.icons
    .toSorted((a, b) => iconRank(a) - iconRank(b))
    .map(({ href }) => parseWebUrl(href, base))
    .find((url) => url !== undefined && url.href.length <= MAX_ICON_URL_LENGTH)
  return {
    title: cleanTitle(head.title),
    faviconUrl: icon?.href ?? defaultFaviconUrl(page.url),
  }
}

/** Where a site's favicon is when nothing says otherwise. */
export function defaultFaviconUrl(pageUrl: string): string {
  return new URL('/favicon.ico', pageUrl).href
}

interface Icon {
  readonly href: string
  readonly size: number
}

interface Head {
  /** As it stands in the page; empty when there is none. */
  readonly title: string
  readonly icons: readonly Icon[]
  readonly baseHref: string | undefined
}

function readHead(html: string): Head {
  const icons: Icon[] = []
  let title = ''
  let hasTitle = false
  let isInTitle = false
  let baseHref: string | undefined
  let depth = 0
  let drawings = 0
  let isRead = false
  const stop = () => {
    isRead = true
    parser.pause()
  }

  const parser = new Parser({
    onopentag(name, attributes) {
      depth++
      if (depth > MAX_DEPTH || (name === 'body' && hasTitle)) stop()
      if (name === 'svg' || name === 'math') drawings++
      if (name === 'title' && drawings === 0 && !hasTitle) isInTitle = true
      if (name === 'base') baseHref ??= attributes['href']
      const icon = name === 'link' ? iconOf(attributes) : undefined
      if (icon !== undefined && icons.length < MAX_ICONS) icons.push(icon)
    },
    ontext(text) {
      if (isInTitle) title += text
    },
    onclosetag(name) {
      depth--
      if (name === 'svg' || name === 'math') drawings--
      if (name === 'title' && isInTitle) {
        isInTitle = false
        hasTitle = true
      }
      if (name === 'head' && hasTitle) stop()
    },
  })
  parser.write(html)
  if (!isRead) parser.end()
  return { title, icons, baseHref }
}

function iconOf(attributes: Readonly<Record<string, string>>): Icon | undefined {
  const { rel = '', href = '', sizes = '', type = '', media = '' } = attributes
  const relations = rel.toLowerCase().split(/\s+/)
  const isTouchIcon = relations.some((relation) => relation.startsWith('apple-touch-icon'))
  if (href.trim() === '' || /dark/i.test(media) || !(isTouchIcon || relations.includes('icon')))
    return undefined
  const isScalable = /\bany\b/i.test(sizes) || /svg/i.test(type) || /\.svg(?:$|\?)/i.test(href)
  const given = [...sizes.matchAll(/(\d{1,5})x\d/gi)].map((match) => Number(match[1]))
  if (isScalable) return { href, size: SCALABLE_ICON_SIZE }
  if (given.length > 0) return { href, size: Math.max(...given) }
  return { href, size: isTouchIcon ? TOUCH_ICON_SIZE : UNKNOWN_ICON_SIZE }
}

/** The lower, the better; every icon that is too small comes after every one that is not. */
function iconRank({ size }: Icon): number {
  return size >= GOOD_ICON_SIZE ? size : Number.MAX_SAFE_INTEGER - size
}

function parseWebUrl(text: string, base: string | URL): URL | undefined {
  const url = URL.parse(text, base)
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  return isWeb && url.username === '' && url.password === '' ? url : undefined
}

function cleanTitle(text: string): string | undefined {
  const line = text
    .replace(/(?!\s)\p{Cc}/gu, '')
    .replace(DIRECTION_OVERRIDES, '')
    .replace(/\s+/gu, ' ')
    .trim()
  const cut = Array.from(line).slice(0, MAX_TITLE_CHARACTERS).join('').trim()
  return cut === '' ? undefined : cut
}

/**
 * Text of an HTML page: the encoding of its byte order mark, of the header, of the page's own declaration, or UTF-8 if
 * it is that, or Windows-1252. Labels that nobody knows are passed over.
 *
 * Source: HTML standard, "determining the character encoding"
 */
function decodeHtml(bytes: Uint8Array, contentType: string | undefined): string {
  const prescan = new TextDecoder('latin1').decode(bytes.subarray(0, PRESCAN_BYTES))
  const header = /charset\s*=\s*["']?([^\s"';,]+)/i.exec(contentType ?? '')?.[1]
  const declared = /<meta\s[^>]{0,500}?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(prescan)?.[1]
  // A page whose declaration can be read one byte at a time is not in UTF-16, whatever it says.
  const meta = declared !== undefined && /^utf-?16/i.test(declared) ? 'utf-8' : declared
  for (const label of [byteOrderMark(bytes), header, meta]) {
    const decoder = label === undefined ? undefined : openDecoder(label)
    if (decoder !== undefined) return decoder.decode(bytes)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    // Not UTF-8; every byte means something in Windows-1252.
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return first === 0xff && second === 0xfe ? 'utf-16le' : undefined
}

function openDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label)
  } catch {
    // A RangeError for a label that is not in the Encoding standard.
    return undefined
  }
}
