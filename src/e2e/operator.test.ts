import { expect } from 'bun:test'
import { operatorAccount } from './browser-lane.ts'
import { browserTest } from './browser-test.ts'
import { openVisitor } from './visitor.ts'

browserTest(
  'an operator adds a user and sets a limit, with which the user signs in and works',
  {},
  async (operator, lane) => {
    const { page } = operator
    const account = { email: 'added@example.com', password: 'given by the operator' }
    await operator.signIn(operatorAccount())
    await operator.open('/app/operator/users')

    await page.getByRole('button', { name: 'Add user' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('E-mail').fill(account.email)
    await dialog.getByLabel('Name').fill('Added by Ada')
    await dialog.getByLabel('Password').fill(account.password)
    await dialog.getByRole('button', { name: 'Add user' }).click()
    await page.getByText('User added').waitFor()
    await page.getByRole('rowheader', { name: /added@example\.com/ }).click()
    await page.waitForURL('**/app/operator/teams/*')
    await page.getByRole('button', { name: 'Change links', exact: true }).click()
    await dialog.getByRole('radio', { name: 'Its own' }).click()
    await dialog.getByLabel('Its own limit').fill('1')
    await dialog.getByRole('button', { name: 'Save limits' }).click()
    await page.getByText('Limit of its own', { exact: true }).waitFor()
    expect(await operator.axeViolations()).toEqual([])

    await using user = await openVisitor(lane, { refusals: [402] })
    await user.signIn(account)
    await user.open('/app')
    for (const name of ['one', 'two']) {
      await user.page.getByLabel('URL to shorten').fill(`example.org/${name}`)
      await user.page.getByRole('button', { name: 'Shorten' }).click()
      await user.page
        .getByRole(name === 'one' ? 'status' : 'alert')
        .filter({ hasText: name === 'one' ? 'leads to' : /limit|plan/i })
        .waitFor()
    }
    expect(user.problems()).toEqual([])
  },
)

browserTest('an operator reads the terms of network data and accepts them', {}, async (operator) => {
  const { page } = operator
  await operator.signIn(operatorAccount())
  await operator.open('/app/operator/data')

  await page.getByRole('button', { name: 'Review terms' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Acceptable Use Agreement').waitFor()
  await dialog.getByText('caida-as-rel', { exact: true }).waitFor()
  expect(await operator.axeViolations('[role=dialog]')).toEqual([])
  await dialog.getByRole('button', { name: 'Accept terms' }).click()
  await page.getByRole('button', { name: 'Show terms' }).waitFor()

  await operator.go('/app/operator/audit')
  await page.getByText('terms caida-public-aua').first().waitFor()
})
