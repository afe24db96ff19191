import type { BaseUrl } from './config.ts'

const LOCAL_HOST = /^(?:localhost|127(?:\.\d+){3}|\[::1?\]|0\.0\.0\.0)$/

/** Whether nobody but this machine reaches the server by its base URL: an installation that is tried out or developed. */
export function isLocal(baseUrl: BaseUrl): boolean {
  return LOCAL_HOST.test(new URL(baseUrl.href).hostname)
}
