import { expect } from 'bun:test'
import { browserTest } from './browser-test.ts'
import { mailedLink } from './mailed-link.ts'

browserTest(
  'somebody signs up and is in the dashboard, also after the page is loaded anew',
  { refusals: [401] },
  async (visitor) => {
    const { page, open } = visitor
    await open('/app/sign-up')

    await page.getByLabel('Name').fill('Nora New')
    await page.getByLabel('E-mail').fill('nora@example.com')
    await page.getByLabel('Password', { exact: true }).fill('a few good words')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.waitForURL('**/app')
    await page.reload()

    await page.getByRole('navigation').first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/app')
  },
)

browserTest(
  'a page that needs an account leads to signing in, and back',
  { refusals: [401] },
  async (visitor) => {
    const { page, context } = visitor
    const { email, password } = await visitor.signUp()
    await context.clearCookies()
    await page.goto('/app/links')
    await page.waitForURL('**/app/sign-in**')

    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password', { exact: true }).fill('not that')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').first().waitFor()
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()

    await page.waitForURL('**/app/links')
    await page.getByRole('heading', { level: 1 }).first().waitFor()
  },
)

browserTest('the keyboard is enough to sign in', { refusals: [401] }, async (visitor) => {
  const { page, context } = visitor
  const { email, password } = await visitor.signUp()
  await context.clearCookies()
  await visitor.open('/app/sign-in')

  // The first field has the focus already.
  await page.locator('input[type=email]:focus').waitFor()
  await page.keyboard.type(email)
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')

  await page.waitForURL('**/app')
})

browserTest('signing out ends the session', { refusals: [401] }, async (visitor) => {
  const { page } = visitor
  await visitor.signUp()
  await visitor.open('/app')

  await page
    .getByRole('button', { name: /account|visitor/i })
    .first()
    .click()
  await page.getByRole('menuitem', { name: /sign out/i }).click()

  await page.waitForURL((url) => !url.pathname.startsWith('/app') || url.pathname === '/app/sign-in')
  expect(await visitor.call('GET', '/account').catch(String)).toContain('answered 401')
})

browserTest(
  'who forgot the password gets a mail, sets a new one, and signs in with it',
  { refusals: [401] },
  async (visitor, { mails }) => {
    const { page, context, open } = visitor
    const { email } = await visitor.signUp()
    await context.clearCookies()
    await open('/app/forgot')

    await page.getByLabel('E-mail').fill(email)
    await page.getByRole('button', { name: 'Send the link' }).click()
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
    await open(await mailedLink(mails, email, '/app/reset'))
    await page.getByLabel('New password').fill('quite another one')
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.waitForURL('**/app/sign-in')
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password', { exact: true }).fill('quite another one')
    await page.getByRole('button', { name: 'Sign in' }).click()

    await page.waitForURL('**/app')
  },
)
