/** The longest credential that is looked at; a JWT is the longest we issue. */
const MAX_CREDENTIAL_LENGTH = 4096

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1; the scheme in any case), or undefined. */
export function bearerToken(headers: Headers): string | undefined {
  return bearerTokenIn(headers.get('authorization') ?? '')
}

/** The same of the header's value. */
export function bearerTokenIn(authorization: string): string | undefined {
  const token = /^bearer +(\S+)\s*$/i.exec(authorization)?.[1]
  return token !== undefined && token.length <= MAX_CREDENTIAL_LENGTH ? token : undefined
}

/** The key in `X-Api-Key`, or undefined. */
export function apiKeyHeader(headers: Headers): string | undefined {
  const key = headers.get('x-api-key')?.trim()
  return key !== undefined && key !== '' && key.length <= MAX_CREDENTIAL_LENGTH ? key : undefined
}
