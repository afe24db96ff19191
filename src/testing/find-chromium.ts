import { existsSync } from 'node:fs'

/** Where Debian has the browser; `CHROMIUM_PATH` names another. */
const USUAL_PATH = '/usr/bin/chromium'

/** The browser that the tests drive; undefined where there is none. */
export function findChromium(): string | undefined {
  const path = process.env['CHROMIUM_PATH'] ?? USUAL_PATH
  return existsSync(path) ? path : undefined
}
