import { stepsAfter, totpCode } from '#testing/two-factor.ts'
import { browserTest } from './browser-test.ts'

browserTest(
  'a second factor is turned on, asked for at the next sign-in, and replaced by a recovery code',
  { refusals: [401] },
  async (visitor) => {
    const { page, context } = visitor
    const { email, password } = await visitor.signUp()
    await visitor.open('/app/settings')

    await page.getByRole('button', { name: 'Set up an app' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Current password').fill(password)
    await dialog.getByRole('button', { name: 'Go on' }).click()
    await dialog.getByAltText('QR code for an authenticator app').waitFor()
    const secret = /\b[A-Z2-7]{32,}\b/.exec(await dialog.innerText())?.[0] ?? ''
    // A code is good once, and the one before this moment's still is: this moment's is for signing in.
    await dialog.getByLabel('Code', { exact: true }).fill(totpCode(secret, stepsAfter(new Date(), -1)))
    await dialog.getByRole('button', { name: 'Turn on' }).click()
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
    const [recoveryCode = ''] = (await dialog.locator('pre').innerText()).split('\n')
    await page.getByRole('button', { name: 'I have kept them' }).click()

    for (const codeOf of [() => totpCode(secret, new Date()), () => recoveryCode]) {
      await context.clearCookies()
      await visitor.open('/app/sign-in')
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Second step' }).waitFor()
      await page.getByLabel('Code', { exact: true }).fill(codeOf())
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL('**/app')
    }
  },
)
