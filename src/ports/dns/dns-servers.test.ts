import { expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { systemDnsServers } from './dns-servers.ts'

test.each([
  {
    says: 'several',
    text: '# nameserver 192.0.2.9\nnameserver 192.0.2.1\n\tnameserver  2001:db8::1 # two\nsearch nameserver\n',
    addresses: ['192.0.2.1', '2001:db8::1'],
  },
  {
    says: 'more than three',
    text: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'].map((ip) => `nameserver ${ip}\n`).join(''),
    addresses: ['1.1.1.1', '1.1.1.2', '1.1.1.3'],
  },
  { says: 'a name', text: 'nameserver dns.example\n', addresses: ['127.0.0.1'] },
  { says: 'none', text: 'options edns0\n', addresses: ['127.0.0.1'] },
])('of a file that names $says, $addresses are asked', async ({ text, addresses }) => {
  using dir = temporaryDir()
  const file = join(dir.path, 'resolv.conf')
  await writeFile(file, text)

  expect(systemDnsServers(file)).toEqual(addresses.map((address) => ({ address, port: 53 })))
})

test('without a file this machine is asked', () => {
  expect(systemDnsServers('/no/such/resolv.conf')).toEqual([{ address: '127.0.0.1', port: 53 }])
})
