import { expect, test } from 'bun:test'
import { crc32, deflateSync } from 'node:zlib'
import { encode as encodePng } from 'fast-png'
import { parseTargetUrl } from '#core/links/link.ts'
import type { Ability } from '#core/permissions.ts'
import { readQrBitmap, scanQr } from '#testing/read-qr.ts'
import { BASE, type TestAccount, testApp } from '#testing/test-app.ts'

async function started(abilities: readonly ('*' | Ability)[] = ['*'], plan = 'Pro') {
  const app = await testApp()
  const account = await app.givenAccount({ plan, key: { dialect: 'onehop', abilities } })
  const call = async (
    method: string,
    path: string,
    body?: object,
    { rawBody, by = account }: { rawBody?: Uint8Array<ArrayBuffer>; by?: TestAccount } = {},
  ) => {
    const response = await app.call(method, `/api/v2/links/promo/qr${path}`, {
      token: by.key.secret,
      ...(body && { body }),
      ...(rawBody && { rawBody }),
    })
    const type = response.headers.get('content-type') ?? ''
    const bytes = new Uint8Array(await response.arrayBuffer())
    return {
      status: response.status,
      type,
      etag: response.headers.get('etag'),
      bytes,
      body: type.includes('json') ? JSON.parse(new TextDecoder().decode(bytes)) : undefined,
    }
  }
  await app.call('POST', '/api/v2/links', {
    token: account.key.secret,
    body: { target: parseTargetUrl('https://example.com/'), slug: 'promo' },
  })
  const read = async (path: string) => {
    const { bytes, type } = await call('GET', path)
    return scanQr(readQrBitmap(bytes, type))
  }
  return { app, account, call, read, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

const ADDRESS = `${BASE}/promo?qr=1`

/** A picture that has little in common with a QR code. */
function picture(width: number, height: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height * 4)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    const isInside = Math.hypot(x - width / 2, y - height / 2) < Math.min(width, height) / 2
    const shade = (place: number, side: number) => Math.floor((place * 4) / side) * 60
    data.set([shade(x, width), 40, shade(y, height), isInside ? 255 : 0], pixel * 4)
  }
  return new Uint8Array(encodePng({ width, height, data, depth: 8, channels: 4 }))
}

/** A PNG of one line of chunks that claims to be of a size. */
function claims(width: number, height: number, pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunk = (type: string, data: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))]
  return new Uint8Array(Buffer.concat([signature, ...parts]))
}

test('a link is given a QR code, which is drawn differently and taken away', async () => {
  await using s = await started()
  const usual = {
    color: '#000000',
    background: '#ffffff',
    size_px: 300,
    format: 'png',
    error_correction: 'M',
    has_logo: false,
    scans: 0,
    image_url: `${BASE}/storage/qr/promo.png`,
    warnings: [],
  }
  expect((await s.call('GET', '')).body.code).toBe('qr-code-not-found')

  expect(await s.call('PUT', '', {})).toMatchObject({ status: 200, body: usual })
  await s.app.request('/promo?qr=1')
  await s.app.settleClicks()
  const changed = await s.call('PUT', '', { color: '#F00', format: 'svg', error_correction: 'q' })

  expect(changed.body).toEqual({
    ...usual,
    color: '#ff0000',
    format: 'svg',
    error_correction: 'Q',
    scans: 1,
    image_url: `${BASE}/storage/qr/promo.svg`,
  })
  expect((await s.call('GET', '')).body).toEqual(changed.body)
  expect(await s.read('/image')).toBe(ADDRESS)
  expect((await s.call('DELETE', '')).status).toBe(204)
  expect((await s.call('DELETE', '')).status).toBe(404)
})

test.each(
  (['png', 'svg'] as const).flatMap((format) => [
    { format, size: 300, width: 64, height: 64 },
    { format, size: 1000, width: 1024, height: 256 },
    { format, size: 200, width: 3, height: 7 },
  ]),
)('a code with a logo of $width × $height is read by a scanner as $format of $size', async (given) => {
  await using s = await started()
  await s.call('PUT', '', {
    size_px: given.size,
    format: given.format,
    error_correction: 'L',
    color: '#123456',
  })

  const set = await s.call('PUT', '/logo', undefined, { rawBody: picture(given.width, given.height) })
  const { bytes, type } = await s.call('GET', '/image')

  expect([set.status, set.body.has_logo]).toEqual([200, true])
  const bitmap = readQrBitmap(bytes, type)
  expect(bitmap.sizePx).toBe(given.size)
  const middle = bitmap.colorAt(given.size / 2, given.size / 2)
  expect(['#123456', '#ffffff']).not.toContain(middle)
  expect(scanQr(bitmap)).toBe(ADDRESS)
  const open = await s.app.request(`/storage/qr/promo.${given.format}`)
  expect(new Uint8Array(await open.arrayBuffer())).toEqual(bytes)
})

test('without its logo a code is what it was', async () => {
  await using s = await started()
  await s.call('PUT', '', {})
  const before = await s.call('GET', '/image')
  await s.call('PUT', '/logo', undefined, { rawBody: picture(64, 64) })
  const first = await s.call('GET', '/image')
  await s.call('PUT', '/logo', undefined, { rawBody: picture(50, 64) })
  const second = await s.call('GET', '/image')

  expect((await s.call('DELETE', '/logo')).status).toBe(204)
  expect((await s.call('DELETE', '/logo')).status).toBe(204)

  expect((await s.call('GET', '')).body.has_logo).toBe(false)
  expect((await s.call('GET', '/image')).bytes).toEqual(before.bytes)
  expect(new Set([before.etag, first.etag, second.etag]).size).toBe(3)
  await s.call('PUT', '/logo', undefined, { rawBody: picture(64, 64) })
  await s.call('DELETE', '')
  await s.call('PUT', '', {})
  expect((await s.call('GET', '')).body.has_logo).toBe(false)
})

test.each([
  { what: 'no image', bytes: new TextEncoder().encode('<svg/>'), status: 422 },
  { what: 'nothing', bytes: new Uint8Array([0]), status: 422 },
  { what: 'half a file', bytes: picture(64, 64).slice(0, 200), status: 422 },
  { what: 'too many pixels', bytes: claims(1_025, 1, new Uint8Array(1_026)), status: 422 },
  { what: 'fewer bytes than pixels', bytes: claims(100, 100, new Uint8Array(10)), status: 422 },
  {
    what: 'far more bytes than pixels',
    bytes: claims(10, 10, new Uint8Array(64 * 1024 * 1024)),
    status: 422,
  },
  { what: 'a large file', bytes: new Uint8Array(256 * 1024 + 1), status: 413 },
])('a logo that is $what is refused', async ({ bytes, status }) => {
  await using s = await started()
  await s.call('PUT', '', {})

  const refused = await s.call('PUT', '/logo', undefined, { rawBody: bytes })

  expect(refused.status).toBe(status)
  if (status === 422) expect(refused.body.errors[0].field).toBe('logo')
  expect((await s.call('GET', '')).body.has_logo).toBe(false)
})

test('a style is tried without being kept, and a link without a code is shown a sample', async () => {
  await using s = await started(['*'], 'Free')
  const sample = await s.read('/image?color=%23112233')
  await s.call('PUT', '', {})

  const tried = await s.call('GET', '/image?color=%23112233&background=fff&size_px=200&format=svg')

  expect(sample).toBe(`${BASE}/?sample`)
  const bitmap = readQrBitmap(tried.bytes, tried.type)
  expect([tried.type, bitmap.sizePx, scanQr(bitmap)]).toEqual(['image/svg+xml', 200, ADDRESS])
  expect((await s.call('GET', '')).body).toMatchObject({ color: '#000000', format: 'png', size_px: 300 })
  expect((await s.call('GET', '/image?color=red')).body.errors[0].field).toBe('color')
  expect((await s.call('GET', '/image?size_px=99')).body.parameter).toBe('size_px')
  const again = await s.app.call('GET', '/api/v2/links/promo/qr/image', {
    token: s.account.key.secret,
    headers: { 'if-none-match': (await s.call('GET', '/image')).etag ?? '' },
  })
  expect(again.status).toBe(304)
})

test.each([
  { body: { color: 'red' }, field: 'color' },
  { body: { size_px: 1001 }, field: 'size_px' },
  { body: { size_px: '200' }, field: 'size_px' },
  { body: { format: 'gif' }, field: 'format' },
  { body: { error_correction: 'X' }, field: 'error_correction' },
])('$body is refused for $field, and makes no code', async ({ body, field }) => {
  await using s = await started()

  const refused = await s.call('PUT', '', body)

  expect([refused.status, refused.body.errors[0].field]).toEqual([422, field])
  expect((await s.call('GET', '')).status).toBe(404)
})

test('nobody without a key, without the ability or of another team gets at a QR code', async () => {
  await using s = await started()
  const unable = await s.app.givenAccount({ key: { abilities: ['links:read'] } })
  const stranger = await s.app.givenAccount()
  await s.call('PUT', '', {})
  const rows = [
    ['qr:read', 'GET', ''],
    ['qr:write', 'PUT', '', {}],
    ['qr:write', 'DELETE', ''],
    ['qr:write', 'PUT', '/logo'],
    ['qr:write', 'DELETE', '/logo'],
    ['qr:read', 'GET', '/image'],
  ] as const

  for (const [ability, method, path, body] of rows) {
    const anonymous = await s.app.call(method, `/api/v2/links/promo/qr${path}`)
    expect([anonymous.status, (await anonymous.json()).code]).toEqual([401, 'unauthenticated'])
    const denied = await s.call(method, path, body, { by: unable })
    expect([denied.status, denied.body.ability]).toEqual([403, ability])
    const strange = await s.call(method, path, body, { by: stranger })
    expect([strange.status, strange.body.code]).toEqual([404, 'link-not-found'])
  }
  expect((await s.call('GET', '')).status).toBe(200)
})
