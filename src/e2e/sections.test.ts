import { expect } from 'bun:test'
import type { Locator, Page } from 'playwright-core'
import { operatorAccount } from './browser-lane.ts'
import { browserTest, sharedBrowserTest } from './browser-test.ts'

/** A page, and what says that its content is there. */
type Section = readonly [path: string, content: (page: Page) => Locator]

/** Every page that a new account has as well. */
const SECTIONS: readonly Section[] = [
  ['/app', heading('Countries')],
  ['/app/links', firstRow],
  ['/app/files', firstRow],
  ['/app/lookup', heading('What do you want to know?')],
  ['/app/keys', firstRow],
  ['/app/webhooks', firstRow],
  ['/app/team', firstRow],
  ['/app/plan', heading('Usage')],
  ['/app/credits', heading('Buy credits')],
  ['/app/settings', heading('Two-factor authentication')],
]

/** Pages of what is in the demo, and of the network data. */
const DETAILS: readonly Section[] = [
  ['/app/links/spring', heading('Countries')],
  ['/app/links/spring?tab=qr', (page) => page.getByRole('img', { name: /QR/i }).first()],
  ['/app/lookup?q=AS24940&mode=lite', (page) => page.getByRole('link', { name: /AS12552/ }).first()],
  ['/app/lookup?q=78.46.1.1&mode=lite', heading('Network')],
  ['/app/lookup?q=Link11&mode=lite', (page) => page.getByText('AS34309').first()],
]

/** Pages that only operators have. */
const OPERATOR_SECTIONS: readonly Section[] = [
  ['/app/operator/users', firstRow],
  ['/app/operator/orders', firstRow],
  ['/app/operator/data', firstRow],
  ['/app/operator/health', firstRow],
  ['/app/operator/audit', firstRow],
]

function firstRow(page: Page): Locator {
  return page.getByRole('rowheader').first()
}

function heading(name: string): (page: Page) => Locator {
  return (page) => page.getByRole('heading', { name, exact: true }).first()
}

const operatorTest = sharedBrowserTest(async (visitor) => {
  await visitor.signIn(operatorAccount())
  await visitor.open('/app/settings')
})

for (const [path, content] of [...SECTIONS, ...DETAILS, ...OPERATOR_SECTIONS])
  operatorTest(`axe finds nothing on ${path} of the demo`, async (visitor) => {
    await visitor.go(path)
    await content(visitor.page).waitFor()

    expect(await visitor.axeViolations()).toEqual([])
  })

operatorTest(
  'axe finds nothing on the page of a webhook with deliveries, nor on one of them',
  async (visitor) => {
    const { page } = visitor
    await visitor.go('/app/webhooks')
    await page.getByRole('rowheader', { name: /hooks\.example\.com/ }).click()
    await page
      .getByRole('rowheader', { name: /link\./ })
      .first()
      .waitFor()
    const found = [...(await visitor.axeViolations())]

    await page
      .getByRole('rowheader', { name: /link\./ })
      .first()
      .click()
    await page.getByRole('dialog').getByRole('heading', { name: 'Attempts' }).waitFor()
    found.push(...(await visitor.axeViolations('[role=dialog]')))

    expect(found).toEqual([])
  },
)

browserTest('a new account sees on every page what to do first', {}, async (visitor) => {
  await visitor.signUp()
  await visitor.open('/app/settings')

  for (const [path] of SECTIONS) {
    await visitor.go(path)
    expect([path, await visitor.page.getByRole('main').innerText()]).toEqual([
      path,
      expect.stringMatching(/\S{3}/) as string,
    ])
    expect(await visitor.page.getByText('There is no such page').count()).toBe(0)
  }
})
