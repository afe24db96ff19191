import { expect } from 'bun:test'
import { until } from '#testing/until.ts'
import { startWebhookReceiver, status } from '#testing/webhook-receiver.ts'
import { browserTest } from './browser-test.ts'

browserTest(
  'a webhook that was made is told of the next link, and the page shows the answer',
  {},
  async (visitor) => {
    await using receiver = await startWebhookReceiver()
    const { page } = visitor
    await visitor.signUp()
    await visitor.open('/app/webhooks?new')

    await page.getByLabel('URL').fill(`https://127.0.0.1:${receiver.port}/hook`)
    await page.locator('label', { hasText: 'link.created' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /create/i })
      .click()
    await page.getByRole('button', { name: 'I have copied it' }).click()
    await page.waitForURL('**/app/webhooks/wh_*')
    await page.getByText('Nothing was sent yet').waitFor()
    await visitor.call('POST', '/links', { target: 'https://example.org/told' })
    await until(() => receiver.requests.length > 0)
    await page.reload()

    await page.getByRole('rowheader', { name: /link\.created/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('thank you').waitFor()
    expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({
      event: 'link.created',
      data: { url: 'https://example.org/told' },
    })

    receiver.answer(status(503, 'not now'))
    await dialog.getByRole('button', { name: 'Send again' }).click()
    await until(() => receiver.requests.length > 1)
    await page.keyboard.press('Escape')
    // The page finds out by itself.
    await page.getByText('Trying again').first().waitFor()
    await page
      .getByRole('rowheader', { name: /link\.created/ })
      .first()
      .click()
    await dialog.getByText('not now').first().waitFor()
    expect(receiver.requests[1]?.body).toBe(receiver.requests[0]?.body ?? '')
  },
)
