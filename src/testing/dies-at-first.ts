import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A thread's program in a test's directory, which throws when it is first started and is `program` from then on. */
export function diesAtFirst(dir: string, program: string): URL {
  const path = join(dir, 'dies-at-first.ts')
  const marker = join(dir, 'died')
  writeFileSync(
    path,
    `import ${JSON.stringify(program)}
     import { existsSync, writeFileSync } from 'node:fs'
     if (!existsSync(${JSON.stringify(marker)})) {
       writeFileSync(${JSON.stringify(marker)}, '')
       throw new Error('as the test wishes')
     }`,
  )
  return pathToFileURL(path)
}
