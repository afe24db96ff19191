import { expect } from 'bun:test'
import { browserTest } from './browser-test.ts'

browserTest(
  'the reference of the API is made from its description, and searched and gone through by its contents',
  {},
  async (visitor) => {
    const { page, origin } = visitor
    await visitor.open('/docs')
    const found = [...(await visitor.axeViolations())]
    const document = (await (await fetch(`${origin}/openapi.json`)).json()) as {
      readonly info: { readonly version: string }
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>
    }
    const { summary = '' } = document.paths['/api/v2/lookup']?.['get'] ?? {}
    await page.getByRole('heading', { level: 1, name: document.info.version }).waitFor()

    await page.getByRole('searchbox', { name: 'Search endpoints' }).fill('get lookup')
    const contents = page.getByRole('navigation', { name: 'Endpoints' })
    await contents.getByRole('link', { name: summary }).click()

    const endpoint = page.getByRole('article', { name: summary })
    await endpoint.getByText('mode', { exact: true }).first().waitFor()
    expect(await endpoint.locator('pre').first().innerText()).toContain(`${origin}/api/v2/lookup`)
    expect(new URL(page.url()).hash).not.toBe('')
    await page.reload()
    await endpoint.waitFor()
    found.push(...(await visitor.axeViolations()))

    await page.getByRole('searchbox', { name: 'Search endpoints' }).fill('nothing of the kind')
    await page.getByText('Nothing is called that').waitFor()
    expect(found).toEqual([])
  },
)
