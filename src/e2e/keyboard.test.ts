import { expect } from 'bun:test'
import type { Locator, Page } from 'playwright-core'
import { browserTest } from './browser-test.ts'

/** More than any page has places where Tab stops. */
const MAX_STOPS = 80

browserTest(
  'the dashboard is gone through, and a link changed, by the keyboard alone',
  {},
  async (visitor) => {
    const { page } = visitor
    await visitor.signUp()
    await visitor.call('POST', '/links', { target: 'https://example.org/one', title: 'First link' })
    await visitor.open('/app/webhooks')

    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Skip to content')
    await page.keyboard.press('Enter')
    await page.locator('main:focus').waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').locator('input:focus').waitFor()
    await page.keyboard.type('links')
    await page.getByRole('menuitem', { name: 'Links', exact: true }).waitFor()
    await pressUntil(page, 'ArrowDown', page.locator('[role=menuitem][data-focused]', { hasText: /^Links$/ }))
    await page.keyboard.press('Enter')
    await page.waitForURL('**/app/links')
    await page.getByRole('rowheader', { name: 'First link' }).waitFor()
    await pressUntil(page, 'Tab', page.locator('[role=row]:focus, [role=row] :focus'))
    await page.keyboard.press('Enter')
    await page.waitForURL('**/app/links/*')

    const more = page.getByRole('button', { name: 'More', exact: true })
    await more.waitFor()
    await pressUntil(page, 'Tab', page.locator('button:focus', { hasText: 'Edit' }))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByLabel('Leads to').waitFor()
    await pressUntil(page, 'Tab', page.locator('input[name=title]:focus'))
    await page.keyboard.type('Called by keys')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Called by keys' }).waitFor()
    await page.locator('button:focus', { hasText: 'Edit' }).waitFor()

    await pressUntil(page, 'Tab', page.locator('button[aria-label=More]:focus'))
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await page.locator('button[aria-label=More]:focus').waitFor()
  },
)

browserTest('wherever Tab stops, it is to be seen, and it comes round', {}, async (visitor) => {
  const { page } = visitor
  await visitor.signUp()
  const unseen: string[] = []
  await visitor.open('/app/settings')
  for (const path of ['/app/settings', '/app/links?form', '/app/team?new', '/app/lookup']) {
    await visitor.go(path)
    await page.locator('form').first().waitFor()
    const stops = await stopsOf(page)
    expect([path, stops.length > 3, stops.length < MAX_STOPS]).toEqual([path, true, true])
    unseen.push(...stops.filter(({ isSeen }) => !isSeen).map(({ name }) => `${path}: ${name}`))
    await page.keyboard.press('Escape')
  }

  expect(unseen).toEqual([])
})

/** Press a key until something is there. */
async function pressUntil(page: Page, key: string, goal: Locator): Promise<void> {
  for (let presses = 0; presses < MAX_STOPS; presses++) {
    if ((await goal.count()) > 0) return
    await page.keyboard.press(key)
  }
  throw new Error(`${key} does not lead there; the focus is on ${await focused(page)}`)
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: element } = document
    return (
      (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim() || (element?.outerHTML ?? '')
    )
  })
}

/** Where Tab stops until it is where it began. */
async function stopsOf(page: Page): Promise<{ readonly name: string; readonly isSeen: boolean }[]> {
  const stops: { name: string; isSeen: boolean }[] = []
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('[data-stop]')) element.removeAttribute('data-stop')
  })
  while (stops.length < MAX_STOPS) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body || element.hasAttribute('data-stop')) return undefined
      element.setAttribute('data-stop', '')
      // A ring is around the thing itself, or around what stands for it.
      const around = ['label', '.input-group', '[data-focus-visible]']
      const shown = [element, ...around.map((selector) => element.closest(selector))]
      const isSeen = shown.some((one) => {
        if (one === null) return false
        const parts = [one, ...one.children]
        return parts.some((part) => {
          const { outlineStyle, outlineWidth } = getComputedStyle(part)
          return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0
        })
      })
      const text = element.getAttribute('aria-label') ?? element.textContent ?? ''
      return { name: text.trim().slice(0, 60) || element.outerHTML.slice(0, 120), isSeen }
    })
    if (stop === undefined) return stops
    stops.push(stop)
  }
  return stops
}
