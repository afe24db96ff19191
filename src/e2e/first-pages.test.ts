import { expect } from 'bun:test'
import { operatorAccount } from './browser-lane.ts'
import { browserTest } from './browser-test.ts'

const PUBLIC_PAGES = ['/', '/app/sign-in', '/app/sign-up', '/app/forgot', '/app/reset?token=x']
const SCRIPT_LIMIT_BYTES = 250_000
const FIRST_PAINT_LIMIT_MS = 1_000
/** Whatever else the machine does at the moment, one of so many loads shows how long it takes. */
const LOADS = 3

browserTest(
  'the landing page says what this is and leads to signing in and up',
  {},
  async ({ page, open }) => {
    await open('/')

    expect(await page.title()).toContain('Onehop')
    await page
      .getByRole('link', { name: /sign in/i })
      .first()
      .click()
    await page.waitForURL('**/app/sign-in')
    await page.getByRole('link', { name: 'Create an account' }).click()
    await page.getByRole('heading', { name: 'Create an account' }).waitFor()
  },
)

for (const path of ['/', '/app/links'])
  browserTest(`${path} is painted within a second, from less than 250 kB of script`, {}, async (visitor) => {
    const { page, context } = visitor
    if (path !== '/') await visitor.signIn(operatorAccount())
    const firstPaints: number[] = []
    let scriptBytes = 0
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    const scripts = new Set<string>()
    session.on('Network.responseReceived', ({ requestId, type }) => {
      if (type === 'Script') scripts.add(requestId)
    })
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) scriptBytes += encodedDataLength
    })

    for (let load = 0; load < LOADS; load++) {
      await session.send('Network.clearBrowserCache')
      scriptBytes = 0
      await visitor.open(path)
      const [firstPaint] = await page.evaluate(() =>
        performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime),
      )
      firstPaints.push(firstPaint ?? Infinity)
    }
    await page.waitForLoadState('networkidle')

    expect(scriptBytes).toBeGreaterThan(10_000)
    expect(scriptBytes).toBeLessThan(SCRIPT_LIMIT_BYTES)
    expect(Math.min(...firstPaints)).toBeLessThan(FIRST_PAINT_LIMIT_MS)
  })

browserTest(
  'the policy of every public page allows nothing inline, no other host is asked, and axe finds nothing',
  {},
  async (visitor) => {
    const { page, origin } = visitor
    const hosts = new Set<string>()
    page.on('request', (request) => hosts.add(new URL(request.url()).origin))
    const found: string[] = []

    for (const path of PUBLIC_PAGES) {
      const response = await page.goto(path)
      const policy = response?.headers()['content-security-policy'] ?? ''
      expect([path, response?.status(), policy.includes("script-src 'self'")]).toEqual([path, 200, true])
      expect(policy).not.toMatch(/unsafe-(?:inline|eval)/)
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      found.push(...(await visitor.axeViolations()))
    }

    expect([...hosts]).toEqual([origin])
    expect(found).toEqual([])
  },
)

browserTest(
  'where less motion is asked for, a change of the theme changes everything at once',
  {},
  async ({ page, open }) => {
    await open('/app/sign-in')

    const changing = await page.evaluate(() => {
      document.documentElement.dataset['theme'] = 'dark'
      // Brings the styles up to date, and so begins transitions where there are any.
      void getComputedStyle(document.body).color
      return document.getAnimations().length
    })

    expect(changing).toBe(0)
  },
)
