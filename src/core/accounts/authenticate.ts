import type { Services } from '#core/context.ts'
import type { Actor } from '#core/permissions.ts'
import { authenticateKey } from './api-keys.ts'
import { authenticateLoginToken, isLoginToken } from './login-token.ts'

/** Who bears what a client sends to be known by, an API key or a JWT; nobody, and why, when it is neither. */
export function authenticate(services: Services, credential: string): Promise<Actor> {
  return isLoginToken(credential)
    ? authenticateLoginToken(services, credential)
    : authenticateKey(services, credential)
}
