import { type Html, html } from '#core/html.ts'
import type { Counted, LimitUse, Week, WeeklyReport } from './compose-weekly-report.ts'

/** Whom a report is for, and how to be rid of it. */
export interface ReportAddress {
  /** Undefined for somebody's own team. */
  readonly teamName: string | undefined
  /** Of the installation, without a slash at the end. */
  readonly baseUrl: string
  readonly unsubscribeUrl: string
}

export interface ReportMail {
  readonly subject: string
  readonly text: string
  readonly html: Html
}

const MAX_NAME_CHARACTERS = 60

/** A report as a mail that can be read in any mail program, with the same facts in both forms. */
export function renderWeeklyReport(report: WeeklyReport, address: ReportAddress): ReportMail {
  const team = address.teamName === undefined ? '' : ` · ${plain(address.teamName)}`
  return {
    subject: `${clickCount(report)} last week, ${comparison(report)}${team}`,
    text: renderText(report, address),
    html: renderHtml(report, address),
  }
}

function renderText(report: WeeklyReport, address: ReportAddress): string {
  const { week, topLinks, countries, referrers, limits, plan } = report
  const host = new URL(address.baseUrl).host
  const sections = [
    [
      `${address.teamName === undefined ? 'Your links' : plain(address.teamName)}, ${weekText(week)}`,
      `${clickCount(report)}, ${comparison(report)}${numberBefore(report)}`,
    ],
    topLinks.length === 0
      ? []
      : [
          'Most clicked',
          ...topLinks.flatMap(({ name, clicks, shortUrl }) => [
            `  ${grouped(clicks).padStart(7)}  ${plain(name)}`,
            `           ${shortUrl}`,
          ]),
        ],
    [
      ...(countries.length === 0 ? [] : [`From: ${countedText(countries)}`]),
      ...(referrers.length === 0 ? [] : [`Through: ${countedText(referrers)}`]),
    ],
    [
      `This month on the ${plain(plan)} plan`,
      ...limits.map((limit) => `  ${plain(limit.name)}: ${limitText(limit)}`),
    ],
    [
      `You get this every Monday after a week with clicks, as an owner on ${host}.`,
      `No more of it: ${address.unsubscribeUrl}`,
    ],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

// Mail programs know tables, styles of elements and little else. Those that invert colours in the dark look for the
// colour scheme first; the classes are for those that understand the media query.
const INK = '#1c2333'
const SOFT = '#5b6478'
const PAPER = '#f3f5f9'
const CARD = '#ffffff'
const LINE = '#e2e6ef'
const ACCENT = '#3557d6'
const FONT = '-apple-system, BlinkMacSystemFont, Segoe UI, Roboto, Helvetica, Arial, sans-serif'

const HEAD_STYLE: Html = {
  html: `<style>
    :root { color-scheme: light dark; supported-color-schemes: light dark }
    a { color: ${ACCENT} }
    @media (max-width: 480px) {
      .card { padding: 24px 20px !important }
      .outer { padding: 16px 8px !important }
    }
    @media (prefers-color-scheme: dark) {
      .paper { background-color: #11151f !important }
      .card { background-color: #1a2030 !important; border-color: #2a3347 !important }
      .ink { color: #e8ebf4 !important }
      .soft { color: #a3adc2 !important }
      .line { border-color: #2a3347 !important }
      .track { background-color: #2a3347 !important }
      .bar { background-color: #8ea6ff !important }
      a { color: #8ea6ff !important }
      .up { color: #5fd39a !important }
    }
  </style>`,
}

function renderHtml(report: WeeklyReport, address: ReportAddress): Html {
  const { week, topLinks, countries, referrers, limits, plan } = report
  const host = new URL(address.baseUrl).host
  const most = Math.max(1, ...topLinks.map(({ clicks }) => clicks))
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>${clickCount(report)} last week</title>
        ${HEAD_STYLE}
      </head>
      <body class="paper" style="margin:0;padding:0;background-color:${PAPER}">
        <div style="display:none;max-height:0;overflow:hidden">${weekText(week)}: ${comparison(report)}.</div>
        <table
          role="presentation"
          class="paper"
          width="100%"
          cellpadding="0"
          cellspacing="0"
          style="background-color:${PAPER}"
        >
          <tr>
            <td class="outer" align="center" style="padding:32px 16px">
              <table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px">
                <tr>
                  <td
                    class="card"
                    style="padding:36px 40px;background-color:${CARD};border:1px solid ${LINE};border-radius:14px;font-family:${FONT}"
                  >
                    <p class="soft" style="margin:0;font-size:14px;line-height:20px;color:${SOFT}">
                      ${address.teamName === undefined ? 'Your links' : plain(address.teamName)} ·
                      ${weekText(week)}
                    </p>
                    <h1
                      class="ink"
                      style="margin:10px 0 0;font-size:40px;line-height:46px;font-weight:700;letter-spacing:-1px;color:${INK}"
                    >
                      ${grouped(report.clicks)}<span style="font-size:20px;font-weight:600;letter-spacing:0">
                        ${report.clicks === 1 ? 'click' : 'clicks'}</span
                      >
                    </h1>
                    <p style="margin:6px 0 0;font-size:15px;line-height:22px">${changeHtml(report)}</p>
                    ${topLinks.length === 0 ? '' : heading('Most clicked')}
                    ${topLinks.map((link) => linkHtml(link, link.clicks / most))}
                    ${countries.length === 0 ? '' : heading('Where from')}
                    ${countries.length === 0 ? '' : lineHtml(countries)}
                    ${referrers.length === 0 ? '' : heading('Through')}
                    ${referrers.length === 0 ? '' : lineHtml(referrers)}
                    ${heading(`This month on the ${plan} plan`)}
                    <table role="presentation" width="100%" cellpadding="0" cellspacing="0">
                      ${limits.map(limitHtml)}
                    </table>
                  </td>
                </tr>
                <tr>
                  <td
                    class="soft"
                    style="padding:20px 8px 0;font-family:${FONT};font-size:13px;line-height:20px;color:${SOFT};text-align:center"
                  >
                    You get this every Monday after a week with clicks, as an owner on ${host}.<br />
                    <a
                      href="${address.unsubscribeUrl}"
                      style="color:${SOFT};text-decoration:underline"
                      class="soft"
                      >Unsubscribe</a
                    >
                  </td>
                </tr>
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html> `
}

function heading(text: string): Html {
  return html`<h2
    class="ink line"
    style="margin:28px 0 10px;padding:22px 0 0;border-top:1px solid ${LINE};font-size:14px;line-height:20px;font-weight:600;color:${INK}"
  >
    ${plain(text)}
  </h2>`
}

/** A link with its clicks, and a bar as long as its share of the one that was clicked most. */
function linkHtml({ name, clicks, shortUrl }: WeeklyReport['topLinks'][number], share: number): Html {
  const percent = String(Math.max(2, Math.round(share * 100)))
  return html`<table
    role="presentation"
    width="100%"
    cellpadding="0"
    cellspacing="0"
    style="margin:0 0 14px;table-layout:fixed"
  >
    <tr>
      <td
        class="ink"
        style="font-size:15px;line-height:22px;color:${INK};overflow-wrap:anywhere;word-break:break-word"
      >
        ${plain(name)}<br /><a
          href="${shortUrl}"
          style="font-size:13px;line-height:18px;color:${ACCENT};text-decoration:none"
          >${shortUrl.replace(/^https?:\/\//, '')}</a
        >
      </td>
      <td
        class="ink"
        width="90"
        align="right"
        valign="top"
        style="width:90px;font-size:15px;line-height:22px;font-weight:600;color:${INK}"
      >
        ${grouped(clicks)}
      </td>
    </tr>
    <tr>
      <td colspan="2" style="padding:6px 0 0">
        <table
          role="presentation"
          class="track"
          width="100%"
          cellpadding="0"
          cellspacing="0"
          style="background-color:${LINE};border-radius:3px"
        >
          <tr>
            <td style="font-size:0;line-height:0">
              <table role="presentation" width="${percent}%" cellpadding="0" cellspacing="0">
                <tr>
                  <td
                    class="bar"
                    height="5"
                    style="height:5px;background-color:${ACCENT};border-radius:3px;font-size:0;line-height:5px"
                  >
                    &nbsp;
                  </td>
                </tr>
              </table>
            </td>
          </tr>
        </table>
      </td>
    </tr>
  </table>`
}

function lineHtml(values: readonly Counted[]): Html {
  const parts = values.map(
    ({ name, clicks }) =>
      html`<span style="display:inline-block;margin-right:18px;white-space:nowrap"
        >${plain(name)} <strong>${grouped(clicks)}</strong></span
      > `,
  )
  return html`<p class="ink" style="margin:0;font-size:15px;line-height:24px;color:${INK}">${parts}</p>`
}

function limitHtml(use: LimitUse): Html {
  return html`<tr>
    <td class="soft" style="padding:2px 0;font-size:15px;line-height:22px;color:${SOFT}">${use.name}</td>
    <td class="ink" align="right" style="padding:2px 0;font-size:15px;line-height:22px;color:${INK}">
      ${limitText(use)}
    </td>
  </tr>`
}

function changeHtml(report: WeeklyReport): Html {
  const { clicks, clicksBefore } = report
  const before = numberBefore(report)
  return clicks > clicksBefore
    ? html`<span class="up" style="color:#177a4b;font-weight:600">${comparison(report)}</span
        ><span class="soft" style="color:${SOFT}">${before}</span>`
    : html`<span class="soft" style="color:${SOFT}">${comparison(report)}${before}</span>`
}

/** `25% more than the week before` */
function comparison({ clicks, clicksBefore }: WeeklyReport): string {
  if (clicks === clicksBefore) return 'as many as the week before'
  if (clicksBefore === 0) return 'after none the week before'
  if (clicks === 0) return `after ${grouped(clicksBefore)} the week before`
  const percent = Math.round((Math.abs(clicks - clicksBefore) / clicksBefore) * 100)
  if (percent === 0) return 'about as many as the week before'
  return `${grouped(percent)}% ${clicks > clicksBefore ? 'more' : 'fewer'} than the week before`
}

/** The number behind a {@link comparison} that does not say it. */
function numberBefore({ clicks, clicksBefore }: WeeklyReport): string {
  return clicks === clicksBefore || clicks === 0 || clicksBefore === 0 ? '' : ` (${grouped(clicksBefore)})`
}

function countedText(values: readonly Counted[]): string {
  return values.map(({ name, clicks }) => `${plain(name)} ${grouped(clicks)}`).join(' · ')
}

function limitText({ used, limit }: LimitUse): string {
  return limit === null ? `${grouped(used)}, no limit` : `${grouped(used)} of ${grouped(limit)}`
}

const numbers = new Intl.NumberFormat('en-US')
const days = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})

function grouped(count: number): string {
  return numbers.format(count)
}

function clickCount({ clicks }: WeeklyReport): string {
  return `${clicks === 0 ? 'No' : grouped(clicks)} ${clicks === 1 ? 'click' : 'clicks'}`
}

/** `9 – 15 November 2026` */
function weekText({ start, end }: Week): string {
  return days.formatRange(start, new Date(end.getTime() - 1)).replaceAll('\u2009', ' ')
}

/** One line, whatever it was: nothing in it begins another one or reads against the line. */
function plain(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()
  const characters = Array.from(line)
  return characters.length <= MAX_NAME_CHARACTERS
    ? line
    : `${characters.slice(0, MAX_NAME_CHARACTERS - 1).join('')}…`
}
