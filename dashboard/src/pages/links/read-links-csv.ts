import { parse } from 'papaparse'
import type { BulkRow } from '#dash/api/links.ts'

const MAX_FILE_BYTES = 32 * 1024 * 1024
/** As many as one import is asked to be. */
const MAX_ROWS = 100_000

/** How others call what we call otherwise. */
const COLUMNS: Readonly<Record<string, keyof BulkRow>> = {
  target: 'target',
  url: 'target',
  long_url: 'target',
  longurl: 'target',
  destination: 'target',
  original_url: 'target',
  slug: 'slug',
  short_code: 'slug',
  shortcode: 'slug',
  keyword: 'slug',
  back_half: 'slug',
  alias: 'slug',
  title: 'title',
  name: 'title',
  description: 'description',
  note: 'description',
  tags: 'tags',
  labels: 'tags',
  expires_at: 'expires_at',
  expiry: 'expires_at',
}

/**
 * The links of a CSV file: a header line, then a link a line; tags are separated by commas, semicolons or bars.
 *
 * @throws Error that says what is wrong with the file
 */
export async function readLinksCsv(file: File): Promise<readonly BulkRow[]> {
  if (file.size > MAX_FILE_BYTES) throw new Error('The file is larger than 32 MB. Split it.')
  const { data, meta } = parse<Record<string, string>>(await file.text(), {
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: (name) => {
      const plain = name
        .trim()
        .toLowerCase()
        .replaceAll(/[\s-]+/g, '_')
      return COLUMNS[plain] ?? plain
    },
  })
  if (meta.fields?.includes('target') !== true)
    throw new Error('No column is named target, url or long_url. The first line must hold the names.')
  if (data.length === 0) throw new Error('The file has no lines below its header.')
  if (data.length > MAX_ROWS) throw new Error('The file has more than 100,000 lines. Split it.')
  return data.map((row) => ({
    op: 'create' as const,
    target: (row['target'] ?? '').trim(),
    ...(filled(row['slug']) && { slug: row['slug'].trim() }),
    ...(filled(row['title']) && { title: row['title'].trim() }),
    ...(filled(row['description']) && { description: row['description'].trim() }),
    ...(filled(row['tags']) && { tags: tagsOf(row['tags']) }),
    ...(filled(row['expires_at']) && { expires_at: row['expires_at'].trim() }),
  }))
}

function filled(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}

function tagsOf(text: string): readonly string[] {
  const tags = text.split(/[,;|]/).map((tag) => tag.trim())
  return [...new Set(tags.filter((tag) => tag !== ''))]
}
