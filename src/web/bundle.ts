import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the dashboard's files answer; their names hold the hash of what is in them. */
export const ASSETS_PATH = '/app/assets/'

/** What the bundler leaves beside the files, and what makes a directory a whole bundle. */
export const MANIFEST_FILE = 'manifest.json'

/** How a file may be sent, the smallest first, and the ending of the copy on the disk. */
export const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const

export type Encoding = (typeof ENCODINGS)[number]['name']

/** Pages that begin with the same modules, and the module that stands for them. */
export const PAGE_KINDS = {
  landing: 'pages/landing/landing-page.tsx',
  'sign-in': 'pages/sign-in/sign-in-page.tsx',
  dashboard: 'shell/shell.tsx',
} as const

export type PageKind = keyof typeof PAGE_KINDS

/** What a directory with a bundle says of it; all names are those of files in it. */
export interface BundleManifest {
  /** The module that every page begins with. */
  readonly script: string
  /** The modules that a page goes on with, by its kind: named in the document, they are fetched together with it. */
  readonly preload: Readonly<Record<PageKind, readonly string[]>>
  readonly style: string
  readonly icon: string
  readonly files: readonly BundledFile[]
}

interface BundledFile {
  readonly name: string
  readonly mediaType: string
  /** Those it is there in beside its plain form. */
  readonly encodings: readonly Encoding[]
}

/** A file of the dashboard in every form it is sent in. */
export interface Asset {
  readonly mediaType: string
  readonly plain: Uint8Array<ArrayBuffer>
  readonly encoded: ReadonlyMap<Encoding, Uint8Array<ArrayBuffer>>
}

/** The dashboard, ready to be sent. It is kept in memory: whatever becomes of the directory, pages go on working. */
export interface Bundle {
  readonly manifest: BundleManifest
  readonly assets: ReadonlyMap<string, Asset>
}

/**
 * Read a bundle that {@link writeBundle} wrote.
 *
 * @returns undefined when there is none
 * @throws Error when it is not whole
 */
export function readBundle(dir: string): Bundle | undefined {
  const text = readIfThere(join(dir, MANIFEST_FILE))
  if (text === undefined) return undefined
  // Written by this program: the directory's name holds the hash of what writes it.
  const manifest = JSON.parse(text) as BundleManifest
  const read = (name: string) => new Uint8Array(readFileSync(join(dir, name)))
  const assets = manifest.files.map(({ name, mediaType, encodings }): [string, Asset] => [
    name,
    {
      mediaType,
      plain: read(name),
      encoded: new Map(
        ENCODINGS.filter((encoding) => encodings.includes(encoding.name)).map((encoding) => [
          encoding.name,
          read(`${name}${encoding.suffix}`),
        ]),
      ),
    },
  ])
  return { manifest, assets: new Map(assets) }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
