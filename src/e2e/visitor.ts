import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import type { AxeResults, RunOptions } from 'axe-core'
import type { BrowserContext, Cookie, Page, Request } from 'playwright-core'
import type { BrowserLane } from './browser-lane.ts'

/** What a test chooses about the browser of its visitor. */
export interface VisitorOptions {
  readonly widthPx?: number
  readonly heightPx?: number
  readonly theme?: 'light' | 'dark'
  /**
   * Statuses of answers that the test provokes: the browser's console tells of each that is no success, and any other
   * fails the test.
   */
  readonly refusals?: readonly number[]
}

/** An account that only one test uses. */
export interface VisitorAccount {
  readonly email: string
  readonly password: string
  readonly name: string
}

/** Somebody with a browser: cookies, storage and an address that nobody else has. */
export interface Visitor extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  readonly origin: string
  /** Open a page of the server and wait until it has something to show. */
  readonly open: (path: string) => Promise<void>
  /** Go to another page of the dashboard as its links do, without loading everything anew. */
  go(path: string): Promise<void>
  /** Sign up behind the pages, so that the next page is a signed-in one. */
  signUp(): Promise<VisitorAccount>
  /** Sign in behind the pages, in a session that all visitors of the account share: sign-ins of one account are limited. */
  signIn(account: { readonly email: string; readonly password: string }): Promise<void>
  /** Call our own API as the signed-in visitor. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  /**
   * What axe finds wrong with the page as it is now, in both themes and at both widths: where, rule, and place.
   *
   * @param part only what is in it, by its selector: where the rest of the page is looked at elsewhere
   */
  axeViolations(part?: string): Promise<readonly string[]>
  /** Console errors, exceptions and violations of the policy so far that the test did not provoke. */
  problems(): readonly string[]
  /** Keep a picture of the page; where is told. */
  screenshot(name: string): Promise<string>
}

/** Longer than anything takes on two busy cores. */
const TIMEOUT_MS = 20_000
const AXE_SOURCE = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
/** Every rule of WCAG 2.2 A and AA, and what axe calls best practice. */
const AXE_ALL: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}
/** The whole page, but of long tables only so many rows: the others repeat them, and take most of the time. */
const AXE_SCOPE = {
  exclude: [
    ['tbody tr:nth-child(n+5)'],
    ['[role=row]:nth-child(n+5)'],
    // What React Aria says to screen readers for a moment, by labels that may be gone at the next one.
    ['[data-live-announcer]'],
  ],
}
const AXE_COLORS: RunOptions = {
  runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
  resultTypes: ['violations'],
}
/** What Chromium writes for an answer with a status of 400 and up. */
const REFUSED = /^Failed to load resource: the server responded with a status of (\d{3})/

/** A desktop and a phone. */
const WIDTHS_PX = [1280, 390]

let visitors = 0
/** Cookies by e-mail address. */
const sessions = new Map<string, Cookie[]>()

export async function openVisitor(
  { browser, origin }: BrowserLane,
  options: VisitorOptions = {},
): Promise<Visitor> {
  const { widthPx = 1280, heightPx = 900, theme = 'light', refusals = [] } = options
  const number = ++visitors
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: widthPx, height: heightPx },
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    // TEST-NET-2: every visitor comes from somewhere else.
    extraHTTPHeaders: { 'x-forwarded-for': `198.51.${Math.floor(number / 250)}.${1 + (number % 250)}` },
  })
  context.setDefaultTimeout(TIMEOUT_MS)
  const problems = watch(context, refusals)
  const page = await context.newPage()
  const isQuiet = watchRequests(page)

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await context.request.fetch(`/api/v2${path}`, {
      method,
      // As the pages themselves say it; without it nothing is changed.
      headers: { 'sec-fetch-site': 'same-origin' },
      ...(body !== undefined && { data: body }),
    })
    const text = await response.text()
    if (!response.ok()) throw new Error(`${method} ${path} answered ${response.status()}: ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  return {
    page,
    context,
    origin,
    call,
    problems: () => problems,
    async open(path) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
    },
    async go(path) {
      await page.evaluate((to) => {
        // A page has a heading of its own, which takes the place of the one before.
        if (new URL(to, location.href).pathname !== location.pathname)
          document.querySelector('h1')?.setAttribute('data-left', '')
        history.pushState(null, '', to)
      }, path)
      await page.locator('h1:not([data-left])').first().waitFor()
    },
    async signUp() {
      const account = {
        email: `visitor${number}@example.com`,
        password: 'correct horse battery',
        name: `Visitor ${number}`,
      }
      await call('POST', '/sign-up', account)
      return account
    },
    async signIn({ email, password }) {
      const shared = sessions.get(email)
      if (shared !== undefined) return context.addCookies(shared)
      await call('POST', '/session', { email, password })
      sessions.set(email, await context.cookies())
    },
    async axeViolations(part) {
      const found: string[] = []
      for (const width of WIDTHS_PX) {
        await page.setViewportSize({ width, height: heightPx })
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          await settled(page, colorScheme, isQuiet)
          // Nothing but colours differs between the themes.
          const violations = await axeViolations(page, part, colorScheme === 'light' ? AXE_ALL : AXE_COLORS)
          const { pathname } = new URL(page.url())
          found.push(...violations.map((violation) => `${pathname} ${width} px ${colorScheme}: ${violation}`))
        }
      }
      await page.setViewportSize({ width: widthPx, height: heightPx })
      await page.emulateMedia({ colorScheme: theme })
      return found
    },
    async screenshot(name) {
      const path = join(tmpdir(), `onehop-e2e-${name}.png`)
      await page.screenshot({ path, fullPage: true, animations: 'disabled' })
      return path
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** Collect what goes wrong in the pages of a context. */
function watch(context: BrowserContext, refusals: readonly number[]): readonly string[] {
  const problems: string[] = []
  context.on('weberror', (error) =>
    problems.push(`exception: ${error.error().stack ?? String(error.error())}`),
  )
  context.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    const status = REFUSED.exec(message.text())?.[1]
    if (status !== undefined && refusals.includes(Number(status))) return
    problems.push(`console ${message.type()}: ${message.text()} (${message.location().url})`)
  })
  return problems
}

/** @returns whether everything that the page asked for has come; feeds, which have no end, do not count */
function watchRequests(page: Page): () => boolean {
  const underWay = new Set<Request>()
  page.on('request', (request) => {
    if (request.resourceType() !== 'eventsource') underWay.add(request)
  })
  page.on('requestfinished', (request) => underWay.delete(request))
  page.on('requestfailed', (request) => underWay.delete(request))
  return () => underWay.size === 0
}

/** Wait until the page shows the theme, and nothing in it moves or is still to come. */
async function settled(page: Page, colorScheme: 'light' | 'dark', isQuiet: () => boolean): Promise<void> {
  do {
    await page.evaluate(async (scheme) => {
      const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      const isDone = () =>
        matchMedia(`(prefers-color-scheme: ${scheme})`).matches &&
        document.querySelector('.skeleton, .boot') === null &&
        document.getAnimations().every(({ playState }) => playState === 'finished')
      // A frame's callbacks come before its painting: after the second, the first one has been painted.
      for (let frames = 0; frames < 2; frames = isDone() ? frames + 1 : 0) await nextFrame()
    }, colorScheme)
  } while (!isQuiet())
}

/**
 * Run axe in the page. It is brought in by the debugger's interface, so that the page's policy stays as strict as it is for
 * everybody.
 */
async function axeViolations(
  page: Page,
  part: string | undefined,
  options: RunOptions,
): Promise<readonly string[]> {
  const scope = { ...AXE_SCOPE, ...(part !== undefined && { include: [[part]] }) }
  const session = await page.context().newCDPSession(page)
  try {
    const { result: known } = await session.send('Runtime.evaluate', { expression: 'typeof axe' })
    if (known.value === 'undefined') await session.send('Runtime.evaluate', { expression: AXE_SOURCE })
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression: `axe.run(${JSON.stringify(scope)}, ${JSON.stringify(options)}).then(({ violations }) => JSON.stringify(violations))`,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails !== undefined) throw new Error(`axe failed: ${exceptionDetails.text}`)
    const violations = JSON.parse(String(result.value)) as AxeResults['violations']
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ html, target, failureSummary = '' }) =>
          `${id}: ${help} at ${target.join(' ')}: ${html.slice(0, 200)}\n${failureSummary}`,
      ),
    )
  } finally {
    await session.detach()
  }
}
