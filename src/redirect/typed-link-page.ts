import type { ContactCard, PostalAddress } from '#core/links/contact.ts'
import { pagePath } from '#core/links/link-address.ts'
import type { LinkPage } from '#core/links/link-page.ts'
import { payloadSummary } from '#core/links/payload.ts'
import type { PlainText } from '#core/links/plain-text.ts'
import type { WifiNetwork } from '#core/links/wifi.ts'
import { type Html, html, pageLook, pageResponse } from '#http/page.ts'

const LOOK = pageLook(
  `
:root { --accent: #2f5bd8; --on-accent: #fff }
@media (prefers-color-scheme: dark) { :root { --accent: #8fb0ff; --on-accent: #10182b } }
h1 { overflow-wrap: anywhere }
a { color: var(--accent); text-underline-offset: .2em }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 4px }
.kind { margin: 0 0 .35rem; color: var(--soft); line-height: 1.55; font-size: .8rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase }
.about { margin: 0 0 1rem; color: var(--soft); overflow-wrap: anywhere }
dl { margin: 1.5rem 0 0; border-top: 1px solid var(--line) }
dl div { padding: .7rem 0; border-bottom: 1px solid var(--line) }
dl div:last-child { border-bottom: 0; padding-bottom: 0 }
dt { font-size: .85rem; color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line }
code { font: 1.1em/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; white-space: pre-wrap; -webkit-user-select: all; user-select: all }
.text { margin: 1rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: start }
.button { display: inline-block; margin-top: .5rem; padding: .7rem 1.25rem; border-radius: 10px; background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none }
figure { margin: 1.75rem 0 0; display: flex; flex-wrap: wrap; align-items: center; gap: 1rem 1.5rem }
figure img { flex: none; width: 16rem; max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 12px }
figcaption { flex: 1 1 8rem; color: var(--soft) }
`,
  { hasImages: true },
)

/** The page of a typed link. What its owner wrote is in any language: it is marked so, and kept apart from our words. */
export function typedLinkPage(page: LinkPage): Response {
  const title = page.title ?? payloadSummary(page.payload)
  return pageResponse({ title, body: body(page), look: LOOK }, 200)
}

function body(page: LinkPage): Html {
  switch (page.payload.kind) {
    case 'wifi':
      return wifiBody(page, page.payload)
    case 'vcard':
      return contactBody(page, page.payload)
    case 'text':
      return textBody(page, page.payload)
  }
}

const ENCRYPTIONS = {
  WPA: 'WPA or WPA2 Personal',
  SAE: 'WPA3 Personal',
  WEP: 'WEP',
  nopass: 'None: what you send can be read nearby',
} as const

function wifiBody(page: LinkPage, { ssid, encryption, password, hidden }: WifiNetwork): Html {
  return html`<p class="kind">Wi-Fi</p>
    ${heading(page.title ?? ssid)}
    ${qrFigure(
      page,
      `QR code that joins the Wi-Fi network ${ssid}`,
      'Point your phone’s camera at the code to join, or type in what is below.',
    )}
    <dl>
      ${row('Network name', html`<code dir="auto" lang="" translate="no">${ssid}</code>`)}
      ${password === undefined ? [] : row('Password', html`<code dir="ltr" lang="" translate="no">${password}</code>`)}
      ${row('Security', html`${ENCRYPTIONS[encryption]}`)}
      ${hidden ? row('Visibility', html`Hidden: your device does not list it, so add it by its name`) : []}
    </dl>`
}

function contactBody(page: LinkPage, contact: ContactCard): Html {
  const { fullName, jobTitle, department, organization } = contact
  const about = [jobTitle, department, organization === fullName ? undefined : organization].filter(
    (part) => part !== undefined,
  )
  return html`<p class="kind">Contact</p>
    ${heading(fullName)} ${about.length === 0 ? [] : html`<p class="about">${foreign(about.join(' · '))}</p>`}
    <a class="button" href="${pagePath(page.slug)}.vcf">Save contact</a>
    ${contactRows(contact)}
    ${qrFigure(
      page,
      page.qrLeadsHere ? 'QR code that leads to this page' : `QR code that holds the contact ${fullName}`,
      page.qrLeadsHere
        ? 'Scan the code to open this page on another device.'
        : 'Scan the code to add the contact on another device.',
    )}`
}

const PHONE_LABELS = { mobile: 'Mobile', work: 'Work phone', home: 'Home phone', fax: 'Fax' } as const
const EMAIL_LABELS = { work: 'Work e-mail', home: 'Personal e-mail' } as const
const ADDRESS_LABELS = { work: 'Work address', home: 'Home address' } as const

function contactRows({ phones, emails, urls, addresses, note }: ContactCard): Html | readonly Html[] {
  const rows = [
    ...phones.map(({ number, type }) =>
      row(type === undefined ? 'Phone' : PHONE_LABELS[type], link(telephoneUri(number), number)),
    ),
    ...emails.map(({ address, type }) =>
      row(type === undefined ? 'E-mail' : EMAIL_LABELS[type], link(mailUri(address), address)),
    ),
    ...urls.map((url) => row('Website', link(url, url))),
    ...addresses.map((address) =>
      row(
        address.type === undefined ? 'Address' : ADDRESS_LABELS[address.type],
        foreign(addressText(address)),
      ),
    ),
    ...(note === undefined ? [] : [row('Note', foreign(note))]),
  ]
  return rows.length === 0 ? [] : html`<dl>${rows}</dl>`
}

function textBody(page: LinkPage, { text }: PlainText): Html {
  return html`${
      page.title === null
        ? html`<h1 class="kind">Text</h1>`
        : html`<p class="kind">Text</p>
            ${heading(page.title)}`
    }
    <div class="text" dir="auto" lang="">${text}</div>
    ${qrFigure(page, 'QR code that leads to this page', 'Scan the code to open this page on another device.')}`
}

function heading(text: string): Html {
  return html`<h1>${foreign(text)}</h1>`
}

/** What its owner wrote, amid our words: in a language and direction of its own. */
function foreign(text: string): Html {
  return html`<bdi lang="">${text}</bdi>`
}

function row(label: string, value: Html): Html {
  return html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`
}

function link(uri: string, text: string): Html {
  return html`<a href="${uri}" rel="nofollow noopener noreferrer"><bdi dir="ltr" lang="">${text}</bdi></a>`
}

/** A number as RFC 3966 writes it, without the marks that only help people read. */
function telephoneUri(number: string): string {
  const [dialled = '', extension] = number.replace(/[^\d+*#,;x]/gi, '').split(/x/i)
  const local = dialled.replaceAll('#', '%23')
  return `tel:${local}${extension === undefined || extension === '' ? '' : `;ext=${extension.replaceAll('#', '%23')}`}`
}

/** Source: RFC 6068 §2. */
function mailUri(address: string): string {
  return `mailto:${encodeURIComponent(address).replace('%40', '@')}`
}

function addressText({ street, city, region, postalCode, country }: PostalAddress): string {
  const town = [postalCode, city].filter((part) => part !== undefined).join(' ')
  return [street, town, region, country].filter(Boolean).join('\n')
}

/** The image is in the page itself: nothing is asked for that could be counted, blocked or be missing. */
function qrFigure({ qr }: LinkPage, description: string, caption: string): Html {
  const source = `data:${qr.contentType};base64,${Buffer.from(qr.body).toString('base64')}`
  return html`<figure>
    <img src="${source}" alt="${description}" width="256" height="256" />
    <figcaption>${caption}</figcaption>
  </figure>`
}
