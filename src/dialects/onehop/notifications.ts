import { z } from 'zod'
import {
  getNotifications,
  type Notifications as Choices,
  setNotifications,
} from '#core/weekly-report/notifications.ts'
import { readUnsubscribeToken, unsubscribe } from '#core/weekly-report/unsubscribe.ts'
import { html, pageLook, pageResponse } from '#http/page.ts'
import { endpoint } from './endpoint.ts'
import { Notifications, NotificationsChange } from './wire/account.ts'

const FORM_LOOK = pageLook(
  `button { margin-top: 1rem; padding: .7rem 1.3rem; border: 0; border-radius: 10px; background: #3557d6; color: #fff; font: inherit; font-weight: 600; cursor: pointer }
button:focus-visible { outline: 3px solid #8ea6ff; outline-offset: 2px }
`,
  { hasForm: true },
)

/** What an account is told by mail, and the page that mails lead to for hearing no more. */
export const notificationEndpoints = [
  endpoint({
    method: 'GET',
    path: '/account/notifications',
    summary: 'What is told by mail',
    tag: 'Account',
    access: 'user:read',
    answer: Notifications,
    handle: async ({ ctx }) => toWire(await getNotifications(ctx)),
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    endpoint({
      method,
      path: '/account/notifications',
      summary: 'Change what is told by mail',
      tag: 'Account',
      access: 'own-account',
      body: NotificationsChange,
      answer: Notifications,
      handle: async ({ ctx, body }) =>
        toWire(await setNotifications(ctx, { weeklyReport: body.weekly_report })),
    }),
  ),
  endpoint({
    method: 'GET',
    path: '/mail/unsubscribe',
    summary: 'The page that asks whether weekly reports are to end',
    tag: 'Account',
    access: 'public',
    query: { token: z.string().default('') },
    mediaTypes: { 'text/html': undefined },
    otherAnswers: {
      404: { description: 'A token that is not ours', mediaTypes: { 'text/html': undefined } },
    },
    handle: ({ ctx, query }) =>
      readUnsubscribeToken(ctx, query.token) === undefined ? invalid() : question(),
  }),
  endpoint({
    method: 'POST',
    path: '/mail/unsubscribe',
    summary: 'End weekly reports',
    description: "A mail program's one click (RFC 8058 §3.1) and the page's button alike.",
    tag: 'Account',
    access: 'public',
    query: { token: z.string().default('') },
    mediaTypes: { 'text/html': undefined },
    otherAnswers: {
      404: { description: 'A token that is not ours', mediaTypes: { 'text/html': undefined } },
    },
    // What the body says does not matter.
    handle: async ({ ctx, query }) => ((await unsubscribe(ctx, query.token)) ? done() : invalid()),
  }),
]

function toWire({ weeklyReport }: Choices): Notifications {
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
