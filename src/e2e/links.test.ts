import { expect } from 'bun:test'
import { until } from '#testing/until.ts'
import { browserTest } from './browser-test.ts'

browserTest('from signing up to the first click that is counted', { refusals: [401] }, async (visitor) => {
  const { page, origin, open } = visitor
  await open('/app/sign-up')
  await page.getByLabel('E-mail').fill('first-click@example.com')
  await page.getByLabel('Password', { exact: true }).fill('a few good words')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.waitForURL('**/app')

  await page.getByLabel('URL to shorten').fill('example.org/somewhere')
  await page.getByRole('button', { name: 'Shorten' }).click()
  const made = page.getByRole('status').filter({ hasText: 'leads to' })
  const shortUrl = await made.getByRole('link').first().innerText()
  await made.getByRole('link').first().click()
  await page.getByRole('tab', { name: 'Clicks' }).waitFor()
  const live = page.getByText('Clicks appear here the moment they happen.')
  await live.waitFor()
  const redirect = await fetch(new URL(new URL(`http://${shortUrl}`).pathname, origin), {
    redirect: 'manual',
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0' },
  })

  expect(redirect.headers.get('location')).toBe('https://example.org/somewhere')
  // The click comes in by itself while the page is looked at.
  await live.waitFor({ state: 'detached' })
  await page.getByText('Firefox').first().waitFor()
  await until(async () => {
    const { clicks } = await visitor.call<{ clicks: number }>('GET', '/reports/total?unit=day&units=1')
    return clicks === 1
  })
})

browserTest('a link is made, found and opened by the keyboard alone', {}, async (visitor) => {
  const { page } = visitor
  await visitor.signUp()
  await visitor.open('/app/links?new')

  await page.locator('input[aria-label="URL to shorten"]:focus').waitFor()
  await page.keyboard.type('https://example.org/by-keyboard')
  await page.keyboard.press('Enter')
  await page.getByRole('status').filter({ hasText: 'leads to' }).waitFor()
  // The path from the field to the new link, whatever is between.
  const madeLink = page.locator('.quick-create-link')
  for (
    let step = 0;
    step < 8 && !(await madeLink.evaluate((link) => link === document.activeElement));
    step++
  )
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')

  await page.waitForURL('**/app/links/*')
  await page.getByRole('tab', { name: 'Clicks' }).waitFor()
})

browserTest(
  'what is searched for stays in the address, and a filter that finds nothing says so',
  {},
  async (visitor) => {
    const { page } = visitor
    await visitor.signUp()
    for (const name of ['alpha', 'beta'])
      await visitor.call('POST', '/links', { target: `https://example.org/${name}`, title: name })
    await visitor.open('/app/links')

    await page.getByRole('searchbox', { name: 'Search links' }).fill('alph')
    await page.getByRole('rowheader', { name: 'beta' }).waitFor({ state: 'detached' })
    await page.getByRole('rowheader', { name: 'alpha' }).waitFor()
    await page.reload()
    await page.getByRole('rowheader', { name: 'alpha' }).waitFor()
    expect(await page.getByRole('rowheader', { name: 'beta' }).count()).toBe(0)
  },
)

browserTest(
  'what somebody else changed meanwhile is not overwritten: it is told, and loaded',
  { refusals: [412] },
  async (visitor) => {
    const { page } = visitor
    const dialog = page.getByRole('dialog')
    await visitor.signUp()
    const { id } = await visitor.call<{ id: string }>('POST', '/links', {
      target: 'https://example.org/',
      title: 'Ours',
    })
    await visitor.open(`/app/links/${id}`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await dialog.getByLabel('Title').fill('Mine')
    await visitor.call('PATCH', `/links/${id}`, { title: 'Theirs' })

    await dialog.getByRole('button', { name: 'Save link' }).click()
    await dialog.getByText('Somebody else changed this link meanwhile.').waitFor()
    expect(await dialog.getByLabel('Title').inputValue()).toBe('Mine')
    expect(await visitor.axeViolations('[role=dialog]')).toEqual([])
    await dialog.getByRole('button', { name: 'Load the newer one' }).click()
    await dialog.locator('input[name=title][value=Theirs]').waitFor()
    expect(await visitor.call('GET', `/links/${id}`)).toMatchObject({ title: 'Theirs' })

    await dialog.getByLabel('Title').fill('Both')
    await dialog.getByRole('button', { name: 'Save link' }).click()
    await page.getByRole('heading', { level: 1, name: 'Both' }).waitFor()
    expect(await visitor.call('GET', `/links/${id}`)).toMatchObject({ title: 'Both' })
  },
)
