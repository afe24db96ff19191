import { expect, test } from 'bun:test'
import { NOW, testApp } from '#testing/test-app.ts'

const CREATED = NOW.toISOString()
const CREDENTIALS = { email: 'you@example.com', password: 'your_password' }

test('the quick start works as the contract writes it: register, log in, create, follow', async () => {
  await using app = await testApp()

  const registered = await app.call('POST', '/api/v1/auth/register', { body: CREDENTIALS })
  expect(registered.status).toBe(201)
  expect(await registered.json()).toEqual({ id: 1, email: 'you@example.com', created_at: CREATED })

  const loggedIn = await app.call('POST', '/api/v1/auth/login', { body: CREDENTIALS })
  expect(loggedIn.status).toBe(200)
  const { token, ...rest } = await loggedIn.json()
  expect(token).toMatch(/^lnk7_[0-9A-Za-z]{32}$/)
  expect(rest).toEqual({
    token_id: expect.stringMatching(/^tok_[0-9A-Za-z]{24}$/),
    name: 'Login',
    hint: `lnk7_${token.slice(5, 7)}…${token.slice(-4)}`,
    created_at: CREATED,
    last_used_at: null,
    expires_at: null,
  })

  const created = await app.call('POST', '/api/v1/links', {
    token,
    body: { original_url: 'https://example.com/my-long-url' },
  })
  expect(created.status).toBe(201)
  const link = await created.json()
  expect(link).toEqual({
    id: 1,
    short_code: expect.stringMatching(/^[0-9A-Za-z]{7}$/),
    short_url: `s.test/${link.short_code}`,
    original_url: 'https://example.com/my-long-url',
    is_active: true,
    click_count: 0,
    created_at: CREATED,
    updated_at: CREATED,
  })

  const followed = await app.request(`/${link.short_code}`)
  expect([followed.status, followed.headers.get('location')]).toEqual([
    302,
    'https://example.com/my-long-url',
  ])
  await app.settleClicks()
  const shown = await app.call('GET', `/api/v1/links/${link.id}`, { token })
  expect(await shown.json()).toEqual({ ...link, click_count: 1 })
})

test('links are listed newest first, in pages', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const token = key.secret
  for (const name of ['a', 'b', 'c'])
    await app.call('POST', '/api/v1/links', { token, body: { original_url: `https://example.com/${name}` } })

  const all = await app.call('GET', '/api/v1/links', { token })
  const first = await app.call('GET', '/api/v1/links?page=1&per_page=2', { token })
  const second = await app.call('GET', '/api/v1/links?page=2&per_page=2', { token })

  const urls = (body: { links: { original_url: string }[] }) => body.links.map((link) => link.original_url)
  const whole = await all.json()
  expect(whole).toEqual({ links: expect.any(Array), page: 1, per_page: 20, has_next: false })
  expect(urls(whole)).toEqual(['https://example.com/c', 'https://example.com/b', 'https://example.com/a'])
  const [one, two] = [await first.json(), await second.json()]
  expect([one.page, one.has_next, urls(one)]).toEqual([
    1,
    true,
    ['https://example.com/c', 'https://example.com/b'],
  ])
  expect([two.page, two.has_next, urls(two)]).toEqual([2, false, ['https://example.com/a']])
})

test('a link is updated: its URL, its status, or both', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const token = key.secret
  const created = await app.call('POST', '/api/v1/links', {
    token,
    body: { original_url: 'https://example.com/' },
  })
  const link = await created.json()
  const path = `/api/v1/links/${link.id}`
  await app.request(`/${link.short_code}`)
  app.setNow(new Date(NOW.getTime() + 1000))

  const both = await app.call('PUT', path, {
    token,
    body: { original_url: 'https://new-destination.com', is_active: true },
  })
  expect(both.status).toBe(200)
  const updated = {
    ...link,
    original_url: 'https://new-destination.com',
    updated_at: '2026-01-02T03:04:06.000Z',
  }
  expect(await both.json()).toEqual(updated)
  expect((await app.request(`/${link.short_code}`)).headers.get('location')).toBe(
    'https://new-destination.com/',
  )

  const off = await app.call('PUT', path, { token, body: { is_active: false } })
  expect(await off.json()).toEqual({ ...updated, is_active: false })
  expect((await app.request(`/${link.short_code}`)).status).toBe(404)

  const on = await app.call('PUT', path, { token, body: { is_active: true } })
  expect(await on.json()).toEqual(updated)
  expect((await app.request(`/${link.short_code}`)).status).toBe(302)
})

test('a deleted link is gone: 204 without a body, then 404 everywhere', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const token = key.secret
  const created = await app.call('POST', '/api/v1/links', {
    token,
    body: { original_url: 'https://example.com/' },
  })
  const link = await created.json()
  await app.request(`/${link.short_code}`)

  const deleted = await app.call('DELETE', `/api/v1/links/${link.id}`, { token })

  expect([deleted.status, await deleted.text()]).toEqual([204, ''])
  expect((await app.request(`/${link.short_code}`)).status).toBe(404)
  for (const method of ['GET', 'DELETE']) {
    const again = await app.call(method, `/api/v1/links/${link.id}`, { token })
    expect([again.status, await again.json()]).toEqual([404, { detail: 'Link not found.' }])
  }
})

test('tokens are listed without their secrets and end when they are revoked', async () => {
  await using app = await testApp()
  const { email, password, key } = await app.givenAccount()
  const login = await app.call('POST', '/api/v1/auth/login', { body: { email, password } })
  const { token, token_id } = await login.json()

  const listed = await app.call('GET', '/api/v1/auth/tokens', { token })
  const text = await listed.text()
  expect(listed.status).toBe(200)
  expect(text).not.toContain(token)
  expect(text).not.toContain(key.secret)
  expect(JSON.parse(text).tokens.map((entry: { token_id: string }) => entry.token_id)).toEqual([
    token_id,
    key.key.publicId,
  ])

  const revoked = await app.call('DELETE', `/api/v1/auth/tokens/${token_id}`, { token: key.secret })
  expect([revoked.status, await revoked.text()]).toEqual([204, ''])
  const refused = await app.call('GET', '/api/v1/links', { token })
  expect([refused.status, await refused.json()]).toEqual([401, { detail: 'Invalid Bearer token.' }])
  const again = await app.call('DELETE', `/api/v1/auth/tokens/${token_id}`, { token: key.secret })
  expect([again.status, await again.json()]).toEqual([404, { detail: 'Token not found.' }])
})

test('a typed link is shown with its page, and its URL stays', async () => {
  await using app = await testApp()
  const { key } = await app.givenAccount()
  const token = key.secret
  const body = { kind: 'wifi', slug: 'guests', payload: { ssid: 'MyNet' } }
  await app.call('POST', '/api/v1/links', { headers: { 'x-api-key': token }, body })

  const listed = await app.call('GET', '/api/v1/links', { token })
  const [link] = (await listed.json()).links
  const path = `/api/v1/links/${link.id}`
  const moved = await app.call('PUT', path, { token, body: { original_url: 'https://example.com' } })
  const off = await app.call('PUT', path, { token, body: { is_active: false } })
  const typed = await app.call('POST', '/api/v1/links', {
    token,
    body: { original_url: 'https://example.com', kind: 'wifi' },
  })

  expect(link).toMatchObject({ short_url: 's.test/guests', original_url: 'http://s.test/l/guests' })
  expect([moved.status, await moved.json()]).toEqual([
    400,
    { detail: 'This is a wifi link: it has no original_url to change.' },
  ])
  expect([off.status, await off.json()]).toEqual([200, { ...link, is_active: false }])
  expect([typed.status, await typed.json()]).toEqual([422, { detail: 'kind: must be url' }])
})
