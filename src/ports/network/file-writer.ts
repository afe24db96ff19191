import { closeSync, openSync, writeSync } from 'node:fs'

/** A new file that is written from its beginning to its end. */
export interface FileWriter extends Disposable {
  write(bytes: Uint8Array): void
}

/** @throws Error when there is a file of that name already, and whenever it cannot be written */
export function createFileWriter(path: string): FileWriter {
  const file = openSync(path, 'wx', 0o600)
  return {
    write(bytes) {
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
    },
    [Symbol.dispose]: () => closeSync(file),
  }
}
