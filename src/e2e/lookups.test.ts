import { expect } from 'bun:test'
import { browserTest } from './browser-test.ts'

browserTest(
  'a guest looks a network up on the first page, and is told who its neighbours are',
  {},
  async (visitor) => {
    const { page } = visitor
    await visitor.open('/')

    await page.getByLabel('Number of an autonomous system').fill('as24940')
    await page.getByRole('button', { name: 'Look up' }).click()

    await page.getByRole('heading', { name: 'Hetzner Online GmbH' }).waitFor()
    await page.getByText('GlobalConnect AB').waitFor()
    await page.getByText(/\d lookups? left today/).waitFor()
    expect(await visitor.axeViolations()).toEqual([])
  },
)

browserTest('a network is looked up, and from it its neighbours, and an address', {}, async (visitor) => {
  const { page } = visitor
  const field = page.getByLabel('Address, domain, AS number or name')
  await visitor.signUp()
  await visitor.open('/app/lookup?mode=lite')

  await field.fill('AS24940')
  await page.getByRole('button', { name: 'Look up' }).click()
  const graph = page.getByRole('group', { name: 'AS24940 and its neighbours' })
  await graph.getByRole('link', { name: 'AS12552 GlobalConnect AB' }).waitFor()
  await graph
    .getByRole('group', { name: 'Customers' })
    .getByRole('link', { name: /AS198167/ })
    .waitFor()
  await graph
    .getByRole('group', { name: 'Peers' })
    .getByRole('link', { name: /AS34309/ })
    .click()
  await page.getByRole('group', { name: 'AS34309 and its neighbours' }).waitFor()
  await page.getByRole('heading', { name: 'Link11 GmbH' }).waitFor()

  await field.fill('78.46.1.1')
  await page.getByRole('button', { name: 'Look up' }).click()
  await page.getByText('78.46.0.0/15').waitFor()
  await page.getByRole('link', { name: 'AS24940' }).waitFor()
  expect(new URL(page.url()).searchParams.get('q')).toBe('78.46.1.1')
})
