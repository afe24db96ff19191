/** The longest token that is looked at. */
const MAX_TOKEN_LENGTH = 100

/** The cookie that keeps a browser signed in. */
export interface SessionCookie {
  /** The token a request shows; undefined without one. */
  read(headers: Headers): string | undefined
  /** The `Set-Cookie` that signs in until a time. */
  set(token: string, expiresAt: Date): string
  /** The `Set-Cookie` that signs out. */
  clear(): string
}

/**
 * The cookie of an installation. Where the world reaches it over TLS its name begins with `__Host-`, which binds it to
 * this host and to TLS (RFC 6265bis §4.1.3.2): no subdomain and no plain connection can set it.
 *
 * @param baseUrl how the world reaches the server
 */
export function sessionCookie(baseUrl: string): SessionCookie {
  const isSecure = baseUrl.startsWith('https:')
  const name = isSecure ? '__Host-onehop_session' : 'onehop_session'
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  return {
    read(headers) {
      for (const pair of (headers.get('cookie') ?? '').split(';')) {
        const [key = '', value = ''] = pair.trim().split('=', 2)
        if (key === name && /^[A-Za-z0-9]+$/.test(value) && value.length <= MAX_TOKEN_LENGTH) return value
      }
      return undefined
    },
    set: (token, expiresAt) => `${name}=${token}; Expires=${expiresAt.toUTCString()}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  }
}
