import { expect, test } from 'bun:test'
import { registryOfIp } from '#ports/whois/registry-of-ip.ts'
import { isRegistryHost, parseBootstrap, serverFor } from './bootstrap.ts'

function fileOf(services: unknown) {
  return parseBootstrap(JSON.stringify({ version: '1.0', services }))
}

test('of several servers the first with https counts, and odd rows are left out', () => {
  const entries = fileOf([
    [
      ['ex', 'TWO'],
      ['http://plain.test/', 'ftp://no.test/', 'https://rdap.test/v1', 'https://late.test/'],
    ],
    [['plain'], ['http://plain.test/rdap/']],
    [['none'], ['ftp://no.test/', 7]],
    [['half']],
    'what',
    [[7, null, 'odd'], ['https://odd.test/']],
  ])

  expect(Object.fromEntries(entries ?? [])).toEqual({
    ex: 'https://rdap.test/v1/',
    two: 'https://rdap.test/v1/',
    plain: 'http://plain.test/rdap/',
    odd: 'https://odd.test/',
  })
})

test.each(['', 'null', '[]', '{}', '{"services": 7}', '{"services": []}', '{"services": [[[]]]}', '<html>'])(
  '%j is no file',
  (text) => {
    expect(parseBootstrap(text)).toBeUndefined()
  },
)

test('the longest network that has the address decides', () => {
  const ipv4 = fileOf([
    [['192.0.0.0/8'], ['https://large.test/']],
    [['192.0.2.0/24', '192.0.3.0/99', 'x/8', '192.0.2.0'], ['https://small.test/']],
  ])
  const ipv6 = fileOf([
    [['2001:db8::/32'], ['https://six.test/']],
    [['2001:db8:8000::/33'], ['https://half.test/']],
  ])
  const bootstrap = { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) }
  const server = (ip: string) => serverFor({ kind: 'ip', ip }, bootstrap)

  expect(server('192.0.2.200')).toBe('https://small.test/')
  expect(server('192.0.3.1')).toBe('https://large.test/')
  expect(server('2001:db8:7fff::1')).toBe('https://six.test/')
  expect(server('2001:db8:8000::1')).toBe('https://half.test/')
  expect(server('193.0.0.1')).toBe('https://rdap.db.ripe.net/')
  expect(server('no address')).toBeUndefined()
})

test('the longest suffix that has a server decides, and a file before what is built in', () => {
  const dns = fileOf([
    [['com'], ['https://new.test/']],
    [['co.ex'], ['https://long.test/']],
    [['ex'], ['https://short.test/']],
  ])
  const server = (domain: string) => serverFor({ kind: 'domain', domain }, dns === undefined ? {} : { dns })

  expect(server('example.co.ex')).toBe('https://long.test/')
  expect(server('example.ex')).toBe('https://short.test/')
  expect(server('example.com')).toBe('https://new.test/')
  expect(server('example.de')).toBe('https://rdap.denic.de/')
  expect(server('example.unknown')).toBeUndefined()
  expect(serverFor({ kind: 'domain', domain: 'example.com' }, {})).toBe('https://rdap.verisign.com/com/v1/')
})

test('a registry is known by its host whole', () => {
  const dns = fileOf([[['ex'], ['https://rdap.ex.test:8443/x/']]])
  const bootstrap = dns === undefined ? {} : { dns }

  expect(isRegistryHost('rdap.ex.test', bootstrap)).toBe(true)
  expect(isRegistryHost('rdap.arin.net', {})).toBe(true)
  expect(isRegistryHost('rdap.verisign.com', {})).toBe(true)
  expect(isRegistryHost('ex.test', bootstrap)).toBe(false)
  expect(isRegistryHost('rdap.arin.net.evil.example', bootstrap)).toBe(false)
})

test.each([
  ['8.8.8.8', 'ARIN'],
  ['193.0.0.1', 'RIPE'],
  ['94.130.1.1', 'RIPE'],
  ['1.1.1.1', 'APNIC'],
  ['60.1.1.1', 'APNIC'],
  ['200.160.0.8', 'LACNIC'],
  ['196.216.2.1', 'AFRINIC'],
  ['2001:4860::1', 'ARIN'],
  ['2606:4700::1', 'ARIN'],
  ['2001:67c:2e8::1', 'RIPE'],
  ['2a01:4f8::1', 'RIPE'],
  ['2a10::1', 'RIPE'],
  ['2001:dd8::1', 'APNIC'],
  ['2400:cb00::1', 'APNIC'],
  ['2410::1', 'APNIC'],
  ['2800:3f0::1', 'LACNIC'],
  ['2001:12ff::1', 'LACNIC'],
  ['2c0f:fb50::1', 'AFRINIC'],
  ['2001:4200::1', 'AFRINIC'],
])('%s is looked after by %s', (ip, registry) => {
  expect(registryOfIp(ip)).toBe(registry as 'ARIN')
})
