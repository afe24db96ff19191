import { createHash } from 'node:crypto'
import { type Html, html } from '#core/html.ts'

export { escapeHtml, type Html, html } from '#core/html.ts'

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2333; --soft: #5b6478; --paper: #f7f8fb; --card: #fff; --line: #e2e6ef }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf4; --soft: #a3adc2; --paper: #11151f; --card: #1a2030; --line: #2a3347 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
main { width: 100%; max-width: 34rem; background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: clamp(24px, 6vw, 44px) }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: .5rem 0; color: var(--soft) }
`

/** How a page looks, and what it may do. */
export interface PageLook {
  readonly styleElement: Html
  readonly contentSecurityPolicy: string
}

/**
 * The look of all our pages and some rules more. What a page may do is shown its own style, allowed by its hash, and
 * images that are written in it and a form to this server where it has any: no script, frame, font or other request.
 */
export function pageLook(
  css: string,
  { hasImages = false, hasForm = false }: { readonly hasImages?: boolean; readonly hasForm?: boolean },
): PageLook {
  const style = `${STYLE}${css}`
  // The hash is that of everything between the tags.
  const hash = createHash('sha256').update(style).digest('base64')
  const images = hasImages ? ' img-src data:;' : ''
  const formAction = hasForm ? "'self'" : "'none'"
  return {
    styleElement: { html: `<style>${style}</style>` },
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}';${images} base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`,
  }
}

const PLAIN_LOOK = pageLook('', {})

export interface Page {
  readonly title: string
  readonly body: Html
  readonly look?: PageLook | undefined
}

/** A small page of ours, whole, with the headers that keep it from doing anything else. */
export function pageResponse(
  page: Page,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { styleElement, contentSecurityPolicy } = page.look ?? PLAIN_LOOK
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${page.title}</title>
        ${styleElement}
      </head>
      <body>
        <main>${page.body}</main>
      </body>
    </html> `
  return new Response(document.html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      ...headers,
    },
  })
}
