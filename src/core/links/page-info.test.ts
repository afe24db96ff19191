import { expect, test } from 'bun:test'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createOutgoingClient } from '#ports/outgoing/outgoing-client.ts'
import { fetchPageInfo } from './page-info.ts'

const HTML = { 'content-type': 'text/html; charset=utf-8' }

test('the title and favicon of a page are those behind its redirects', async () => {
  await using site = await serve((request, response) => {
    if (request.url === '/') response.writeHead(301, { location: '/home/' }).end()
    else
      response
        .writeHead(200, { ...HTML, 'content-encoding': 'gzip' })
        .end(gzipSync('<title>Grüße</title><link rel=icon href=icon.png>'))
  })

  expect(await fetchPageInfo(site.client, site.url)).toEqual({
    title: 'Grüße',
    faviconUrl: `${site.url}home/icon.png`,
  })
})

test('of a page without end the beginning is read', async () => {
  await using site = await serve((_, response) => {
    response.writeHead(200, HTML).write('<title>Long</title></head>')
    const timer = setInterval(() => response.write('<p>more'.repeat(10_000)), 1)
    response.on('close', () => clearInterval(timer))
  })

  expect(await fetchPageInfo(site.client, site.url)).toMatchObject({ title: 'Long' })
})

test('what is not HTML has the favicon of its site and no title', async () => {
  await using site = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/pdf' }).end('<title>no</title>')
  })

  expect(await fetchPageInfo(site.client, `${site.url}a/b.pdf`)).toEqual({
    title: undefined,
    faviconUrl: `${site.url}favicon.ico`,
  })
})

test('a page without a type is read as HTML', async () => {
  await using site = await serve((_, response) => response.end('<title>Plain</title>'))

  expect(await fetchPageInfo(site.client, site.url)).toMatchObject({ title: 'Plain' })
})

test.each([
  ['an error', (_, response) => response.writeHead(404, HTML).end('<title>Not found</title>')],
  ['no answer in time', () => {}],
  [
    'a redirect to a private address',
    (_, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
  ],
  ['a circle', (_, response) => response.writeHead(302, { location: '/' }).end()],
  ['a broken connection', (_, response) => response.destroy()],
  [
    'nonsense',
    (_, response) => response.writeHead(200, { ...HTML, 'content-encoding': 'gzip' }).end('nonsense'),
  ],
] satisfies [string, RequestListener][])('there is no page behind %s', async (_, listener) => {
  await using site = await serve(listener)

  expect(await fetchPageInfo(site.client, site.url, { timeoutMs: 200, maxBytes: 1_000 })).toBeUndefined()
})

test('there is no page at an address that must not be reached', async () => {
  await using site = await serve((_, response) => response.end('<title>secret</title>'))
  const client = createOutgoingClient({ allowPrivate: [], contactUrl: 'https://go.test', version: '1.2.3' })

  expect(await fetchPageInfo(client, site.url)).toBeUndefined()
  expect(await fetchPageInfo(client, 'mailto:a@example.com')).toBeUndefined()
})

async function serve(listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    client: createOutgoingClient({
      allowPrivate: ['127.0.0.1'],
      contactUrl: 'https://go.test',
      version: '1.2.3',
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
