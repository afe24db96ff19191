import { html, pageResponse } from '#http/page.ts'

/** What a visitor sees of a slug that is no link, or one that is switched off. */
export function notFoundPage(): Response {
  return pageResponse(
    {
      title: 'Link not found',
      body: html`<h1>There is no such link</h1>
        <p>It may have been mistyped, switched off or removed. Check it with whoever gave it to you.</p>`,
    },
    404,
  )
}

/** What a visitor sees of a link whose time is over. */
export function expiredPage(): Response {
  return pageResponse(
    {
      title: 'Link expired',
      body: html`<h1>This link has expired</h1>
        <p>It worked until a date its owner set. Ask whoever gave it to you for a new one.</p>`,
    },
    410,
  )
}

/** What a visitor sees while the database does not answer. */
export function unavailablePage(): Response {
  return pageResponse(
    {
      title: 'Try again in a moment',
      body: html`<h1>Try again in a moment</h1>
        <p>The server could not look this link up just now.</p>`,
    },
    503,
    { 'retry-after': '5' },
  )
}
