import { html, pageResponse } from '#http/page.ts'
import { type Asset, ASSETS_PATH, type BundleManifest, ENCODINGS, type PageKind } from './bundle.ts'
import type { DashboardSource } from './open-dashboard.ts'

/** The web pages for people: the landing page, the dashboard and the API reference. */
export interface DashboardPages {
  /** @returns undefined for a path that is none of theirs */
  answer(request: Request, path: string): Promise<Response> | undefined
}

/** Nothing inline, nothing from elsewhere, no frame around it. Logos are previewed and QR codes shown from memory. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const DOCUMENT_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  // The document names the files of this very bundle; whether it has changed is asked every time.
  'cache-control': 'no-cache',
  vary: 'cookie',
}

const ASSET_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'public, max-age=31536000, immutable',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'accept-encoding',
}

/** The cookie that the dashboard keeps the chosen colours in, so that the first paint has them. */
const THEME_COOKIE = /(?:^|; *)onehop_theme=(light|dark)(?:;|$)/
/** Whether there is a session's cookie, which scripts cannot see, so that nobody is asked for who has none. */
const SESSION_COOKIE = /(?:^|; *)(?:__Host-)?onehop_session=[^;]/

/** Addresses people try, and where the page is. */
const SHORTCUTS: ReadonlyMap<string, string> = new Map([
  ['/login', '/app/sign-in'],
  ['/signup', '/app/sign-up'],
  ['/credits', '/app/credits'],
  ['/admin', '/app/operator/users'],
])

export function dashboardPages(source: DashboardSource): DashboardPages {
  return {
    answer(request, path) {
      if (path.startsWith(ASSETS_PATH)) return answerAsset(request, path.slice(ASSETS_PATH.length))
      const shortcut = SHORTCUTS.get(path)
      if (shortcut !== undefined)
        return Promise.resolve(new Response(null, { status: 302, headers: { location: shortcut } }))
      return isPage(path) ? answerPage(request, path) : undefined
    },
  }

  async function answerPage(request: Request, path: string): Promise<Response> {
    const bundle = await source.bundle()
    if (bundle === undefined) return notReadyPage()
    const cookies = request.headers.get('cookie') ?? ''
    const visitor: Visitor = {
      theme: THEME_COOKIE.exec(cookies)?.[1] ?? 'system',
      session: SESSION_COOKIE.test(cookies) ? 'maybe' : 'none',
    }
    const { script, style } = bundle.manifest
    const kind = kindOf(path)
    const etag = `"${[script, style, kind, visitor.theme, visitor.session].join('.')}"`
    if (request.headers.get('if-none-match') === etag)
      return new Response(null, { status: 304, headers: { ...DOCUMENT_HEADERS, etag } })
    return new Response(documentOf(bundle.manifest, kind, visitor), {
      headers: { ...DOCUMENT_HEADERS, etag },
    })
  }

  async function answerAsset(request: Request, name: string): Promise<Response> {
    const bundle = await source.bundle()
    const asset = bundle?.assets.get(name)
    if (asset === undefined)
      return new Response('Not found.\n', { status: 404, headers: { 'cache-control': 'no-store' } })
    const { body, encoding } = encodedFor(asset, request.headers.get('accept-encoding') ?? '')
    return new Response(body, {
      headers: {
        ...ASSET_HEADERS,
        'content-type': asset.mediaType,
        ...(encoding !== undefined && { 'content-encoding': encoding }),
      },
    })
  }
}

function isPage(path: string): boolean {
  return path === '/' || path === '/docs' || path === '/app' || path.startsWith('/app/')
}

function kindOf(path: string): PageKind {
  if (path === '/') return 'landing'
  return path === '/app/sign-in' || path === '/app/sign-up' ? 'sign-in' : 'dashboard'
}

function encodedFor(asset: Asset, accepted: string) {
  const names = accepted
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !/;\s*q=0(?:\.0*)?$/.test(part))
    .map((part) => part.split(';')[0])
  for (const { name } of ENCODINGS) {
    const body = names.includes(name) ? asset.encoded.get(name) : undefined
    if (body !== undefined) return { body, encoding: name }
  }
  return { body: asset.plain, encoding: undefined }
}

/** What the document says of whoever asks for it. */
interface Visitor {
  readonly theme: string
  readonly session: 'maybe' | 'none'
}

/** What a page shows is decided by its address, in the browser. */
function documentOf(
  { script, preload, style, icon }: BundleManifest,
  kind: PageKind,
  { theme, session }: Visitor,
): string {
  const links = preload[kind].map((name) => html`<link rel="modulepreload" href="${ASSETS_PATH}${name}" />`)
  return html`<!doctype html>
    <html lang="en" data-theme="${theme}" data-session="${session}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>Onehop</title>
        <link rel="icon" type="image/svg+xml" href="${ASSETS_PATH}${icon}" />
        <link id="react-aria-pressable-style" rel="stylesheet" href="${ASSETS_PATH}${style}" />
        ${links}
        <script type="module" src="${ASSETS_PATH}${script}"></script>
      </head>
      <body>
        <div id="root">
          <div class="boot" role="status">
            <img src="${ASSETS_PATH}${icon}" alt="" width="40" height="40" />
            <span>Onehop</span>
          </div>
        </div>
        <noscript
          ><p class="boot">
            Onehop’s dashboard needs JavaScript. Short links and the APIs work without it.
          </p></noscript
        >
      </body>
    </html> `.html
}

function notReadyPage(): Response {
  return pageResponse(
    {
      title: 'Onehop',
      body: html`<h1>Short links live here</h1>
        <p>
          This is a Onehop server, and it is running: links and APIs answer. Its dashboard could not be
          prepared; the reason is in the server’s log.
        </p>`,
    },
    503,
    { 'retry-after': '10' },
  )
}
