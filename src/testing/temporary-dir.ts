import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An empty directory that goes with all that is in it. */
export interface TemporaryDir extends Disposable {
  readonly path: string
}

export function temporaryDir(): TemporaryDir {
  const path = mkdtempSync(join(tmpdir(), 'onehop-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
