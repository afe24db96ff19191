import { html, pageLook, pageResponse } from '#http/page.ts'

const LOOK = pageLook(
  `
form { display: grid; gap: .5rem; margin-top: 1.5rem }
label { font-weight: 600 }
input { width: 100%; min-height: 48px; padding: 0 14px; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 10px }
input[aria-invalid] { border-color: var(--alarm) }
button { min-height: 48px; margin-top: .5rem; padding: 0 20px; font: inherit; font-weight: 600; color: var(--card); background: var(--ink); border: 0; border-radius: 10px; cursor: pointer }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
.wrong { margin: 0; color: var(--alarm); font-weight: 600 }
.note { margin-top: 1.25rem; font-size: .875rem }
:root { --alarm: #b3261e; --focus: #5b7cfa }
@media (prefers-color-scheme: dark) { :root { --alarm: #ff9d94; --focus: #9db2ff } }
`,
  { hasForm: true },
)

/** Asks for a file's password, and tells nothing of the file. Works without scripts. */
export function passwordPage({ isWrong }: { readonly isWrong: boolean }): Response {
  const complaint = isWrong
    ? html`<p class="wrong" id="wrong" role="alert">This password is wrong. Please try again.</p>`
    : html``
  // The field is described by the complaint where there is one.
  const state = { html: isWrong ? 'aria-invalid="true" aria-describedby="wrong"' : '' }
  return pageResponse(
    {
      title: isWrong ? 'Wrong password' : 'This file needs a password',
      body: html`<h1>This file needs a password</h1>
        <p>Whoever shared it with you has chosen one. The download begins when you enter it.</p>
        <form method="post">
          <label for="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="off"
            autofocus
            required
            ${state}
          />
          ${complaint}
          <button type="submit">Download</button>
        </form>
        <p class="note">Download files only from people you trust.</p>`,
      look: LOOK,
    },
    isWrong ? 403 : 200,
  )
}

/** There is no such file: there never was, it expired, or it was deleted. */
export function missingPage(): Response {
  return pageResponse(
    {
      title: 'File not found',
      body: html`<h1>This file is not here</h1>
        <p>
          It may have expired or been deleted, or its address is not complete. Ask whoever shared it with you.
        </p>`,
    },
    404,
  )
}

/** Too many wrong passwords were tried. */
export function lockedPage(retryAfterS: number): Response {
  const minutes = Math.ceil(retryAfterS / 60)
  return pageResponse(
    {
      title: 'Too many attempts',
      body: html`<h1>Too many wrong passwords</h1>
        <p>Please try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.</p>`,
    },
    429,
    { 'retry-after': String(retryAfterS) },
  )
}
