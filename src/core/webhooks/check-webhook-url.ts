import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { OutgoingError, type OutgoingErrorCode } from '#ports/outgoing/outgoing-error.ts'
import { MAX_WEBHOOK_URL_LENGTH } from './webhook.ts'

const PROBLEMS: Partial<Record<OutgoingErrorCode, string>> = {
  'bad-url': 'must be an https:// URL on a port for HTTP, without user name or password',
  'address-refused': 'must be on a public address',
  unresolvable: 'has a host name without an address',
  timeout: 'has a host name whose address could not be found in time',
}

/**
 * A URL that may be registered for a webhook: its host has addresses now, and every one of them is public. Each delivery
 * checks that again.
 *
 * @returns the URL as the URL Standard writes it
 * @throws DomainError `field-invalid`
 */
export async function checkWebhookUrl({ outgoing }: Services, text: string): Promise<string> {
  const refuse = (problem: string) => new DomainError('field-invalid', { field: 'url', problem })
  if (text.length > MAX_WEBHOOK_URL_LENGTH)
    throw refuse(`must have at most ${MAX_WEBHOOK_URL_LENGTH} characters`)
  try {
    const { url } = await outgoing.checkUrl(text.trim(), { httpsOnly: true })
    if (url.length > MAX_WEBHOOK_URL_LENGTH)
      throw refuse(`must have at most ${MAX_WEBHOOK_URL_LENGTH} characters`)
    return url
  } catch (error) {
    const problem = error instanceof OutgoingError ? PROBLEMS[error.code] : undefined
    throw problem === undefined ? error : refuse(problem)
  }
}
