import { expect } from 'bun:test'
import type { Locator, Page } from 'playwright-core'
import { operatorAccount } from './browser-lane.ts'
import { browserTest } from './browser-test.ts'

/** Every page for those who are signed in, and what says that its content is there. */
const SECTIONS: readonly (readonly [path: string, content: (page: Page) => Locator])[] = [
  ['/app', (page) => page.getByRole('heading', { name: 'Countries' })],
  ['/app/links', firstRow],
  ['/app/links/spring', (page) => page.getByRole('heading', { name: 'Countries' })],
  ['/app/links/spring?tab=qr', (page) => page.getByRole('img', { name: /QR/i }).first()],
  ['/app/files', firstRow],
  ['/app/lookup', (page) => page.getByRole('heading', { level: 1 })],
  ['/app/keys', firstRow],
  ['/app/webhooks', firstRow],
  ['/app/team', (page) => page.getByRole('heading', { level: 1 })],
  ['/app/plan', (page) => page.getByRole('heading', { level: 1 })],
  ['/app/credits', (page) => page.getByRole('heading', { level: 1 })],
  ['/app/settings', (page) => page.getByRole('heading', { name: 'Two-factor authentication' })],
]

function firstRow(page: Page): Locator {
  return page.getByRole('rowheader').first()
}

/** Pages that only operators have. */
const OPERATOR_SECTIONS: typeof SECTIONS = ['users', 'orders', 'data', 'health', 'audit'].map((name) => [
  `/app/operator/${name}`,
  (page) => page.getByRole('heading', { level: 1 }),
])

for (const [path, content] of [...SECTIONS, ...OPERATOR_SECTIONS])
  browserTest(`axe finds nothing on ${path} of the demo`, {}, async (visitor) => {
    await visitor.signIn(operatorAccount())
    await visitor.open(path)
    await content(visitor.page).waitFor()

    expect(await visitor.axeViolations()).toEqual([])
  })

browserTest('a new account sees on every page what to do first', {}, async (visitor) => {
  await visitor.signUp()

  for (const [path] of SECTIONS.filter(([path]) => !path.includes('spring'))) {
    await visitor.open(path)
    expect([path, await visitor.page.getByRole('main').innerText()]).toEqual([
      path,
      expect.stringMatching(/\S{3}/) as string,
    ])
    expect(await visitor.page.getByText('There is no such page').count()).toBe(0)
  }
})
