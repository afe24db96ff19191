import { type Source, SOURCES } from './source-table.ts'

/** The table of sources for a Markdown page. */
export function sourcesMarkdown(): string {
  const rows = SOURCES.map(
    (source) =>
      `| \`${source.name}\` | ${source.title} | ${filesOf(source)} | ${licenseOf(source)} | ${periodOf(source)} | ${source.isDefault ? 'yes' : 'by name'} |`,
  )
  return [
    '| source | what | from | licence | renewed | in `data update` |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function filesOf({ parts }: Source): string {
  const urls = parts.map(({ name, location }) => {
    const url = location?.url ?? ''
    const text = name === '' ? hostOf(url) : name
    return location?.kind === 'listing' ? `newest of [${text}](${url})` : `[${text}](${url})`
  })
  return urls.join(', ')
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? ''
}

function licenseOf({ license, terms }: Source): string {
  return terms === undefined ? license : `[${license}](${terms.url}), to be accepted`
}

function periodOf({ everyDays }: Source): string {
  if (everyDays === 1) return 'daily'
  return everyDays === 7 ? 'weekly' : 'monthly'
}
