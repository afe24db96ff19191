import type { ErrorMap } from '#core/errors.ts'

/** What core refuses, in the words of the command line. */
export const errors: ErrorMap<string> = {
  'invalid-input': ({ problems }) => problems.map(({ field, problem }) => `${field} ${problem}`).join('; '),
  'invalid-parameter': ({ parameter, problem }) => `${parameter} ${problem}`,
  'body-not-json': ({ problem }) => problem,
  'body-too-large': ({ limitBytes }) => `more than ${limitBytes} bytes`,
  'malformed-request': ({ problem }) => problem,
  unauthenticated: () => 'not signed in',
  'wrong-credentials': () => 'wrong e-mail address or password',
  'account-blocked': () => 'the account is blocked',
  forbidden: ({ ability }) => `"${ability}" is not allowed`,
  'signup-closed': () => 'sign-up is closed',
  'email-invalid': ({ problem }) => `the e-mail address ${problem}`,
  'email-taken': ({ email }) => `there is an account of ${email} already`,
  'password-invalid': ({ problem }) => `the password ${problem}`,
  'key-not-found': ({ id }) => `there is no key ${id}`,
  'link-not-found': ({ link }) => `there is no link ${link}`,
  'target-invalid': ({ problem }) => `the target ${problem}`,
  'slug-invalid': ({ problem }) => `the slug ${problem}`,
  'slug-reserved': ({ slug }) => `the slug ${slug} is reserved`,
  'slug-taken': ({ slug }) => `the slug ${slug} is in use`,
  'title-invalid': ({ problem }) => `the title ${problem}`,
  'limit-reached': ({ limit, metric, plan }) => `the ${plan} plan allows ${limit} ${metric} a month`,
  'rate-limited': ({ retryAfterS }) => `too many attempts; try again in ${retryAfterS} seconds`,
}
