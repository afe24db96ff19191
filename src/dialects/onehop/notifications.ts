import { Hono } from 'hono'
import { z } from 'zod'
import { getNotifications, type Notifications, setNotifications } from '#core/weekly-report/notifications.ts'
import { readUnsubscribeToken, unsubscribe } from '#core/weekly-report/unsubscribe.ts'
import type { Env } from '#http/dialect.ts'
import { html, pageLook, pageResponse } from '#http/page.ts'
import { readJson } from '#http/read-json.ts'
import { body } from './fields.ts'

const NotificationsBody = body({
  weekly_report: z.boolean({ error: 'must be true or false' }).optional(),
})

const FORM_LOOK = pageLook(
  `button { margin-top: 1rem; padding: .7rem 1.3rem; border: 0; border-radius: 10px; background: #3557d6; color: #fff; font: inherit; font-weight: 600; cursor: pointer }
button:focus-visible { outline: 3px solid #8ea6ff; outline-offset: 2px }
`,
  { hasForm: true },
)

/** What an account is told by mail, and the page that mails lead to for hearing no more. */
export function notifications(): Hono<Env> {
  return (
    new Hono<Env>()
      .get('/account/notifications', async (c) => c.json(toWire(await getNotifications(c.var.ctx))))
      .on(['PUT', 'PATCH'], '/account/notifications', async (c) => {
        const fields = await readJson(c.req, NotificationsBody)
        return c.json(toWire(await setNotifications(c.var.ctx, { weeklyReport: fields.weekly_report })))
      })
      .get('/mail/unsubscribe', (c) =>
        readUnsubscribeToken(c.var.ctx, c.req.query('token') ?? '') === undefined ? invalid() : question(),
      )
      // A mail program's one click (RFC 8058 §3.1) and the page's button alike; what the body says does not matter.
      .post('/mail/unsubscribe', async (c) =>
        (await unsubscribe(c.var.ctx, c.req.query('token') ?? '')) ? done() : invalid(),
      )
  )
}

function toWire({ weeklyReport }: Notifications) {
  return { weekly_report: weeklyReport }
}

function question(): Response {
  return pageResponse(
    {
      title: 'Unsubscribe',
      body: html`<h1>No more weekly reports?</h1>
        <p>Your links keep working, and reports can be switched on again in your account.</p>
        <form method="post"><button type="submit">Unsubscribe</button></form>`,
      look: FORM_LOOK,
    },
    200,
  )
}

function done(): Response {
  return pageResponse(
    {
      title: 'Unsubscribed',
      body: html`<h1>You are unsubscribed</h1>
        <p>No more weekly reports will be sent to you. They can be switched on again in your account.</p>`,
    },
    200,
  )
}

function invalid(): Response {
  return pageResponse(
    {
      title: 'Not a valid link',
      body: html`<h1>This link is not valid</h1>
        <p>Open the one in the mail once more, whole, or change what you are sent in your account.</p>`,
    },
    404,
  )
}
