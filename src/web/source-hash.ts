import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Where the dashboard's sources are. */
export const DASHBOARD_DIR = join(ROOT, 'dashboard')

/** What a bundle depends on beside the dashboard's own files. */
const FURTHER_FILES = ['package-lock.json', 'package.json', 'src/web/write-bundle.ts']

/**
 * What identifies the bundle that these sources make: of the dashboard's files, the libraries' versions, the bundler and
 * how it is called.
 */
export function sourceHash(): string {
  const hash = createHash('sha256').update(process.versions['bun'] ?? '')
  const own = readdirSync(join(DASHBOARD_DIR, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  for (const path of [...own, ...FURTHER_FILES.map((name) => join(ROOT, name))]) {
    const content = readFileSync(path)
    hash.update(`\0${path.slice(ROOT.length)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 32)
}
