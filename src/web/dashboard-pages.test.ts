import { expect, setDefaultTimeout, test } from 'bun:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { testApp, type TestApp } from '#testing/test-app.ts'

// Whoever is first bundles, which takes a busy machine a while.
setDefaultTimeout(60_000)

const PAGES = ['/', '/app', '/app/links/abc', '/docs']

/** The names of the files that a page begins with. */
async function filesOf(app: TestApp) {
  const text = await (await app.request('/')).text()
  const script = /<script type="module" src="([^"]+)"/.exec(text)?.[1] ?? ''
  const style = /<link [^>]*rel="stylesheet" href="([^"]+)"/.exec(text)?.[1] ?? ''
  return { text, script, style }
}

test('every page is a document with nothing inline, under a policy that allows nothing inline', async () => {
  await using app = await testApp()

  for (const path of PAGES) {
    const response = await app.request(path)

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    const text = await response.text()
    expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i)
    expect(text).not.toMatch(/<script(?![^>]* src=)/)
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  }
})

test('its files are sent compressed as the client takes them, and may be kept for good', async () => {
  await using app = await testApp()
  const { script, style } = await filesOf(app)

  for (const path of [script, style]) {
    const plain = await app.request(path)
    const gzip = await app.request(path, { headers: { 'accept-encoding': 'gzip, deflate' } })
    const brotli = await app.request(path, { headers: { 'accept-encoding': 'gzip, deflate, br;q=0.9' } })
    const refused = await app.request(path, { headers: { 'accept-encoding': 'br;q=0' } })

    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(plain.headers.get('vary')).toBe('accept-encoding')
    expect([plain, gzip, brotli, refused].map(({ headers }) => headers.get('content-encoding'))).toEqual([
      null,
      'gzip',
      'br',
      null,
    ])
    const content = await plain.text()
    expect(gunzipSync(await gzip.arrayBuffer()).toString()).toBe(content)
    expect(brotliDecompressSync(await brotli.arrayBuffer()).toString()).toBe(content)
  }
})

test('the first page takes less than 250 kB of compressed script', async () => {
  await using app = await testApp()
  const { text, script } = await filesOf(app)
  const scripts = [
    script,
    ...[...text.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map((match) => match[1] ?? ''),
  ]

  let size = 0
  for (const path of scripts) {
    const response = await app.request(path, { headers: { 'accept-encoding': 'gzip' } })
    size += (await response.arrayBuffer()).byteLength
  }

  expect(size).toBeGreaterThan(10_000)
  expect(size).toBeLessThan(200_000)
})

test('a page that has not changed is not sent again; the chosen colours and a session change it', async () => {
  await using app = await testApp()
  const etagWith = async (cookie: string) =>
    (await app.request('/app', { headers: { cookie } })).headers.get('etag') ?? ''
  const plain = await etagWith('')

  const again = await app.request('/app', { headers: { 'if-none-match': plain } })

  expect(again.status).toBe(304)
  expect(await again.text()).toBe('')
  expect(new Set([plain, await etagWith('onehop_theme=dark'), await etagWith('onehop_session=x')]).size).toBe(
    3,
  )
  expect(await etagWith('onehop_theme="><script>')).toBe(plain)
})

test('what is no file of the bundle is not found, whatever else lies beside it', async () => {
  await using app = await testApp()

  for (const name of ['nothing.js', 'manifest.json', 'constructor', '%2e%2e%2fmanifest.json'])
    expect((await app.request(`/app/assets/${name}`)).status).toBe(404)
})

test('a page is for reading', async () => {
  await using app = await testApp()

  const response = await app.request('/app', { method: 'POST' })

  expect(response.status).toBe(405)
})
