/**
 * `npm run docs`: write the parts of the documentation that follow from the code.
 *
 * With `--check` nothing is written: it fails when a generated part is out of date, and when README.md,
 * CONTRIBUTING.md or a page below docs/ refers to a file that does not exist.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { configHelpMarkdown } from '#config/config-help.ts'
import { blocklistsMarkdown } from '#core/intelligence/dnsbl-help.ts'
import { sourcesMarkdown } from '#core/network/sources/sources-help.ts'
import { ROOT } from './run-command.ts'

const CONFIGURATION_PAGE = 'docs/configuration.md'
const README = 'README.md'
const SOURCES_PAGE = 'docs/data-sources.md'
const SOURCES_PART = /(<!-- sources -->\n).*?(<!-- \/sources -->)/s
const BLOCKLISTS_PAGE = 'docs/blocklists.md'
const BLOCKLISTS_PART = /(<!-- blocklists -->\n).*?(<!-- \/blocklists -->)/s
const CONFIGURATION_PART = /(<!-- configuration -->\n).*?(<!-- \/configuration -->)/s

/** A link's or an image's target, without title or anchor. */
const LINK_TARGET = /\]\(<?([^)\s>#]+)[^)]*\)|^\[[^\]]+\]:\s*<?([^\s>#]+)/gm
/** Code that names a file or directory of the project. */
const PROJECT_PATH = /`((?:src|docs|scripts|bench|dashboard|\.ci)\/[\w./-]+)`/g

/** A page as it should be. */
interface GeneratedPage {
  /** From the project's directory. */
  readonly path: string
  readonly text: string
}

process.exit(await main(process.argv.includes('--check')))

async function main(isCheck: boolean): Promise<number> {
  const pages = await generatedPages()
  const outdated: GeneratedPage[] = []
  for (const page of pages) if ((await textOf(page.path)) !== page.text) outdated.push(page)
  if (!isCheck) {
    for (const page of outdated) {
      await Bun.write(join(ROOT, page.path), page.text)
      console.log(`wrote ${page.path}`)
    }
    return 0
  }

  const problems = [
    ...outdated.map((page) => `${page.path} is out of date; run npm run docs`),
    ...(await deadReferences()),
  ]
  for (const problem of problems) console.error(problem)
  return problems.length === 0 ? 0 : 1
}

async function generatedPages(): Promise<readonly GeneratedPage[]> {
  const table = configHelpMarkdown()
  const pages = [{ path: CONFIGURATION_PAGE, text: configurationPage(table) }]
  const readme = await textOf(README)
  if (readme !== undefined && CONFIGURATION_PART.test(readme))
    pages.push({
      path: README,
      text: readme.replace(CONFIGURATION_PART, (_, start: string, end: string) => `${start}${table}${end}`),
    })
  const sources = await textOf(SOURCES_PAGE)
  if (sources !== undefined)
    pages.push({
      path: SOURCES_PAGE,
      text: sources.replace(
        SOURCES_PART,
        (_, start: string, end: string) => `${start}${sourcesMarkdown()}${end}`,
      ),
    })
  const blocklists = await textOf(BLOCKLISTS_PAGE)
  if (blocklists !== undefined)
    pages.push({
      path: BLOCKLISTS_PAGE,
      text: blocklists.replace(
        BLOCKLISTS_PART,
        (_, start: string, end: string) => `${start}${blocklistsMarkdown()}${end}`,
      ),
    })
  return pages
}

function configurationPage(table: string): string {
  return `<!-- Generated from src/config/variables.ts by npm run docs. -->

# Configuration

Onehop is configured by environment variables, and needs none: without any it serves on \`http://localhost:3000\` and
keeps everything in \`./data\`. An empty variable counts as unset.

The configuration is checked as a whole when the server starts. When anything is wrong the server does not start: it
lists every problem with what to write instead, and ends with exit code 2. A variable that begins with \`ONEHOP_\` and
is not in this table is reported with the nearest known spelling.

${table}
A secret can be kept out of the environment: set the variable of the same name with \`_FILE\` behind it to the path of a
file that holds the value, as Docker and systemd provide it. Setting both is refused.
`
}

async function deadReferences(): Promise<readonly string[]> {
  const pages = await Array.fromAsync(new Bun.Glob('{README,CONTRIBUTING,docs/**/*}.md').scan({ cwd: ROOT }))
  const dead: string[] = []
  for (const page of pages.toSorted()) {
    const text = ((await textOf(page)) ?? '').replace(/^(```+|~~~+).*?^\1/gms, '')
    const links = [...text.matchAll(LINK_TARGET)].map((match) => match[1] ?? match[2] ?? '')
    const targets = links
      .filter((target) => !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target))
      .map((target) => [target, target.startsWith('/') ? target : join(dirname(page), target)])
    const named = [...text.matchAll(PROJECT_PATH)].map((match) => [match[1] ?? '', match[1] ?? ''])
    for (const [shown = '', path = ''] of [...targets, ...named])
      if (!existsSync(join(ROOT, decodeURIComponent(path))))
        dead.push(`${page} refers to ${shown}, which does not exist`)
  }
  return dead
}

async function textOf(path: string): Promise<string | undefined> {
  const file = Bun.file(join(ROOT, path))
  return (await file.exists()) ? file.text() : undefined
}
