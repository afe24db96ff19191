import { expect } from 'bun:test'
import type { SmtpReceiver } from '#testing/smtp-receiver.ts'
import { browserTest } from './browser-test.ts'
import { mailedLink } from './mailed-link.ts'
import { openVisitor, type Visitor } from './visitor.ts'

const TEAM = 'Night shift'

browserTest(
  'who is invited by mail joins with a new account or the one they have, and nobody else does',
  {},
  async (owner, lane) => {
    await using newcomer = await openVisitor(lane)
    await using member = await openVisitor(lane)
    await owner.signUp()
    const { email } = await member.signUp()
    await makeTeam(owner)

    await invite(owner, 'newcomer@example.com')
    await newcomer.open(await invitation(lane.mails, 'newcomer@example.com'))
    await newcomer.page.getByRole('heading', { name: `Join ${TEAM}` }).waitFor()
    const found = await newcomer.axeViolations()
    await newcomer.page.getByRole('link', { name: 'Create an account to join' }).click()
    // The form knows who was invited.
    await newcomer.page.locator('input[name=email][value="newcomer@example.com"]').waitFor()
    await newcomer.page.getByLabel('Password', { exact: true }).fill('a few good words')
    await newcomer.page.getByRole('button', { name: 'Create account' }).click()
    await newcomer.page.getByRole('button', { name: 'Join team' }).click()
    await newcomer.page.waitForURL('**/app')
    await newcomer.page.getByText(`All links of ${TEAM}`).waitFor()

    await invite(owner, email)
    const link = await invitation(lane.mails, email)
    await newcomer.open(link)
    await newcomer.page.getByText(`Sign in as ${email} to join`).waitFor()
    await member.open(link)
    await member.page.getByRole('button', { name: 'Join team' }).click()
    await member.page.getByText(`All links of ${TEAM}`).waitFor()

    await owner.page.reload()
    for (const name of ['newcomer@example.com', email])
      await owner.page.getByRole('rowheader', { name: new RegExp(name) }).waitFor()
    expect([...found, ...newcomer.problems(), ...member.problems()]).toEqual([])
  },
)

browserTest('an invitation that is no more says so, and what to do', { refusals: [404] }, async (visitor) => {
  await visitor.open('/app/invitation?token=gone')

  await visitor.page.getByRole('heading', { name: 'This invitation is not valid' }).waitFor()
  expect(await visitor.axeViolations()).toEqual([])
})

async function makeTeam({ page, open }: Visitor): Promise<void> {
  await open('/app/team?new')
  await page.getByLabel('Name').fill(TEAM)
  await page.getByRole('button', { name: 'Create team' }).click()
  await page.getByRole('heading', { level: 1, name: TEAM }).waitFor()
}

async function invite({ page }: Visitor, email: string): Promise<void> {
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByRole('dialog').getByLabel('E-mail').fill(email)
  await page.getByRole('button', { name: 'Send invitation' }).click()
  await page.getByRole('rowheader', { name: new RegExp(email) }).waitFor()
}

async function invitation(mails: SmtpReceiver, email: string): Promise<string> {
  return mailedLink(mails, email, '/app/invitation')
}
