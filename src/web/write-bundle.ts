import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import {
  ASSETS_PATH,
  type BundleManifest,
  ENCODINGS,
  type Encoding,
  MANIFEST_FILE,
  PAGE_KINDS,
  type PageKind,
} from './bundle.ts'
import { DASHBOARD_DIR } from './source-hash.ts'

/** What is smaller gains nothing from being compressed. */
const MIN_COMPRESSED_BYTES = 512
/** The best that does not take seconds. */
const BROTLI_QUALITY = 10

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/**
 * Bundle the dashboard into a directory, every file also compressed. The directory appears whole or not at all, and of
 * several processes that write the same one the first wins.
 *
 * @throws AggregateError with what the bundler found, Error when the directory cannot be written
 */
export async function writeBundle(dir: string): Promise<void> {
  const draft = `${dir}.${process.pid}.draft`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  try {
    writeFileSync(join(draft, MANIFEST_FILE), JSON.stringify(await bundleInto(draft)))
    moveInPlace(draft, dir)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

async function bundleInto(dir: string): Promise<BundleManifest> {
  const result = await Bun.build({
    entrypoints: [join(DASHBOARD_DIR, 'src/main.tsx'), join(DASHBOARD_DIR, 'src/styles/main.css')],
    outdir: dir,
    target: 'browser',
    format: 'esm',
    splitting: true,
    minify: true,
    sourcemap: 'none',
    metafile: true,
    naming: '[name]-[hash].[ext]',
    publicPath: ASSETS_PATH,
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const names = result.outputs.map(({ path }) => basename(path))
  const script = names.find((name) => name.startsWith('main-') && name.endsWith('.js'))
  if (script === undefined) throw new Error('the bundler made no script')
  const style = names.find((name) => name.startsWith('main-') && name.endsWith('.css'))
  if (style === undefined) throw new Error('the bundler made no style sheet')
  const icon = writeIcon(dir)
  const outputs = outputsOf(result.metafile)
  const preloadOf = (kind: PageKind) => importedAtOnce(outputs, script, PAGE_KINDS[kind])
  return {
    script,
    style,
    icon,
    preload: {
      landing: preloadOf('landing'),
      'sign-in': preloadOf('sign-in'),
      dashboard: preloadOf('dashboard'),
    },
    files: [...names, icon].map((name) => ({
      name,
      mediaType: MEDIA_TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
      encodings: compress(join(dir, name)),
    })),
  }
}

/** What the bundler wrote, by name. */
type Outputs = ReadonlyMap<string, Bun.BuildMetafile['outputs'][string]>

function outputsOf(metafile: Bun.BuildMetafile | undefined): Outputs {
  return new Map(Object.entries(metafile?.outputs ?? {}).map(([path, output]) => [basename(path), output]))
}

/** What the first script and a module that it loads later import before they can begin, that module included. */
function importedAtOnce(outputs: Outputs, script: string, source: string): string[] {
  const page = [...outputs].find(([, { entryPoint }]) => entryPoint?.endsWith(`dashboard/src/${source}`))?.[0]
  if (page === undefined) throw new Error(`the bundler made no chunk of ${source}`)
  const found = new Set([page])
  const look = (name: string): void => {
    for (const { path, kind } of outputs.get(name)?.imports ?? []) {
      const imported = basename(path)
      if (kind !== 'import-statement' || found.has(imported) || imported === script) continue
      found.add(imported)
      look(imported)
    }
  }
  look(script)
  look(page)
  return [...found]
}

function writeIcon(dir: string): string {
  const icon = readFileSync(join(DASHBOARD_DIR, 'src/icon.svg'))
  const name = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`
  writeFileSync(join(dir, name), icon)
  return name
}

function compress(path: string): Encoding[] {
  const plain = readFileSync(path)
  if (plain.length < MIN_COMPRESSED_BYTES) return []
  return ENCODINGS.map(({ name, suffix }) => {
    const compressed =
      name === 'br'
        ? brotliCompressSync(plain, {
            params: {
              [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
              [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
            },
          })
        : gzipSync(plain, { level: 9 })
    writeFileSync(`${path}${suffix}`, compressed)
    return name
  })
}

function moveInPlace(draft: string, dir: string): void {
  try {
    renameSync(draft, dir)
  } catch (error) {
    // Somebody else was first.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))
      return
    throw error
  }
}
