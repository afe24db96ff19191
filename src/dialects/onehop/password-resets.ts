import { parseEmail, parsePassword } from '#core/accounts/account.ts'
import { confirmPasswordReset, requestPasswordReset } from '#core/accounts/password-reset.ts'
import { requireNotCrossSite } from '#http/same-site.ts'
import { endpoint } from './endpoint.ts'
import { PasswordResetConfirmation, PasswordResetNew } from './wire/own-sessions.ts'

/** A new password for whoever has forgotten the last one. */
export const passwordResetEndpoints = [
  endpoint({
    method: 'POST',
    path: '/password-resets',
    summary: 'Have a link to set a new password mailed',
    description:
      'Answers the same whether the address has an account or not. The link works once, for an hour.',
    tag: 'Sessions',
    access: 'public',
    body: PasswordResetNew,
    status: 202,
    problems: ['rate-limited'],
    handle: async ({ ctx, body, client, request }) => {
      requireNotCrossSite(request)
      await requestPasswordReset(ctx, { email: parseEmail(body.email), clientKey: client.limitKey })
    },
  }),
  endpoint({
    method: 'POST',
    path: '/password-resets/confirm',
    summary: 'Set a new password by the token of a mail',
    description: 'Ends whatever was signed in. An account with a second factor needs a code.',
    tag: 'Sessions',
    access: 'public',
    body: PasswordResetConfirmation,
    status: 204,
    problems: ['password-reset-invalid', 'two-factor-needed', 'two-factor-wrong', 'rate-limited'],
    handle: async ({ ctx, body, client, request }) => {
      requireNotCrossSite(request)
      await confirmPasswordReset(ctx, {
        token: body.token,
        password: parsePassword(body.password),
        code: body.code ?? undefined,
        clientKey: client.limitKey,
      })
    },
  }),
]
