import { type Html, html } from '#core/html.ts'

/** What a short mail of ours says. */
export interface MailText {
  readonly heading: string
  readonly paragraphs: readonly string[]
  /** One thing to do; the address stands in the text too. */
  readonly action?: { readonly label: string; readonly url: string }
}

/** A short mail in both its parts. */
export function renderMail({ heading, paragraphs, action }: MailText): {
  readonly text: string
  readonly html: Html
} {
  const text = [heading, ...paragraphs, ...(action ? [`${action.label}: ${action.url}`] : [])].join('\n\n')
  const body = paragraphs.map((paragraph) => html`<p style="margin:0 0 12px">${paragraph}</p>`)
  const button = action
    ? html`<p style="margin:20px 0 0">
        <a
          href="${action.url}"
          style="display:inline-block;padding:10px 18px;border-radius:8px;background:#1c2333;color:#fff;text-decoration:none"
          >${action.label}</a
        >
      </p>`
    : html``
  return {
    text: `${text}\n`,
    html: html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${heading}</title>
        </head>
        <body
          style="margin:0;padding:24px;background:#f7f8fb;color:#1c2333;font:16px/1.55 system-ui,sans-serif"
        >
          <div
            style="max-width:34rem;margin:0 auto;padding:28px;background:#fff;border:1px solid #e2e6ef;border-radius:12px"
          >
            <h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${heading}</h1>
            ${body} ${button}
          </div>
        </body>
      </html>`,
  }
}
