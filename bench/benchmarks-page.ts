import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'

const PAGE = join(import.meta.dir, '..', 'docs/benchmarks.md')

const INTRODUCTION = `# Benchmarks

Every figure here was measured by a program in \`bench/\`, on the machine named beside it, with the command named beside
it. What is compared runs side by side in one run, in turn, because figures of different days and machines say nothing
about one another. Run the command and it measures your machine; with \`--write\` behind it, it replaces its section here.
`

/** Replace one benchmark's section of the benchmarks page; page and section are made where they are missing. */
export function writeSection(name: string, markdown: string): void {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const section = `${start}\n\n${markdown}\n\n${end}`
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : INTRODUCTION
  const from = page.indexOf(start)
  const to = page.indexOf(end)
  writeFileSync(
    PAGE,
    from === -1 || to < from
      ? `${page.trimEnd()}\n\n${section}\n`
      : page.slice(0, from) + section + page.slice(to + end.length),
  )
}

/** The machine, and when, in one sentence. */
export function describeMachine(): string {
  const processors = cpus()
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  const memoryGib = (totalmem() / 1024 ** 3).toFixed(0)
  const day = new Date().toISOString().slice(0, 10)
  return `Measured ${day} on ${processors.length} cores of ${model}, ${memoryGib} GiB of memory, Linux ${release()}, Bun ${Bun.version}.`
}
