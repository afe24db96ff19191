import { expect, test } from 'bun:test'
import { clientOf } from './client.ts'

const forwarded = (value: string) => new Headers({ 'x-forwarded-for': value })

test.each([
  ['no proxy is believed', '203.0.113.9', 0, '192.0.2.1'],
  ['one proxy: the address it saw', '10.0.0.1, 203.0.113.9', 1, '203.0.113.9'],
  ['two proxies: the address the first saw', '198.51.100.7, 203.0.113.9', 2, '198.51.100.7'],
  [
    'a client cannot push its own entries past the trusted ones',
    '6.6.6.6, 6.6.6.7, 203.0.113.9',
    1,
    '203.0.113.9',
  ],
  ['fewer entries than proxies: the leftmost', '203.0.113.9', 3, '203.0.113.9'],
  ['no header', '', 1, '192.0.2.1'],
  ['no address', 'unknown', 1, '192.0.2.1'],
  ['a port', '203.0.113.9:4711', 1, '203.0.113.9'],
  ['brackets and a port', '[2001:db8::7]:443', 1, '2001:db8::7'],
])('%s', (_, header, proxies, ip) => {
  expect(clientOf(forwarded(header), '192.0.2.1', proxies).ip).toBe(ip)
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s is limited as %s', (ip, key) => {
  expect(clientOf(new Headers(), ip, 0).limitKey).toBe(key)
})
