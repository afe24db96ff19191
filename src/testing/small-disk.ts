import { mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own that is easily filled. */
export interface SmallDisk extends Disposable {
  readonly dir: string
  /** Leave no room at all. */
  fill(): void
  /** Leave about so much room. */
  leave(sizeBytes: number): void
  free(): void
}

/** Only root may mount one, and only Linux knows how. */
export const canMountDisks = process.platform === 'linux' && process.getuid?.() === 0

/** Mount an empty disk of a size as `mount` spells it, such as `512k`. */
export function smallDisk(size: string): SmallDisk {
  const dir = mkdtempSync(join(tmpdir(), 'onehop-disk-'))
  const ballast = join(dir, 'ballast')
  run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir)
  return {
    dir,
    fill() {
      const chunk = Buffer.alloc(4096)
      try {
        for (;;) writeFileSync(ballast, chunk, { flag: 'a' })
      } catch {
        // Full, as it should be.
      }
    },
    leave(sizeBytes) {
      writeFileSync(ballast, Buffer.alloc(Math.max(0, statSync(ballast).size - sizeBytes)))
    },
    free: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]() {
      run('umount', '--lazy', dir)
      rmdirSync(dir)
    },
  }
}

function run(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command)
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr.toString()}`)
}
