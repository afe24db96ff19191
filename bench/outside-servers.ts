/**
 * The outside of `bench/intelligence.ts`: a resolver that knows every blocklist of the catalogue, a registry and a TLS
 * server, each of which takes its time over every answer. Its argument is how long, in milliseconds, or `silent`; it prints
 * the ports as JSON.
 */
import { connect, createServer } from 'node:net'
import { builtInZones } from '#core/intelligence/parse-dnsbl-file.ts'
import { answerOf, startDnsServer, type TestDnsReply } from '#testing/dns-server.ts'
import { ANSWERED, startRdapServer } from '#testing/rdap-server.ts'
import { TEST_SERVER_CERTIFICATE, TEST_SERVER_KEY } from '#testing/test-certificates.ts'
import { startTlsServer } from '#testing/tls-servers.ts'

const [, , argument = '20'] = process.argv
const isSilent = argument === 'silent'
const delayMs = isSilent ? 0 : Number(argument)

const zones = builtInZones().toSorted((a, b) => b.suffix.length - a.suffix.length)
/** What lists list, to show that they work (RFC 5782 §5), as it is asked for. */
const TEST_POINT = /^(?:2\.0\.0\.127|test|2\.0\.0\.0\.0\.0\.f\.7\.f\.f\.f\.f(?:\.0)+)$/

const dns = await startDnsServer(({ name, type }) => {
  if (isSilent && !/^[^.]+\.(?:com|test)$/.test(name)) return undefined
  return { ...reply(name, type), delayMs }
})
const rdap = await startRdapServer((path, _, response) => {
  const object = registered(path)
  if (isSilent) return ANSWERED
  setTimeout(() => {
    response.writeHead(200, { 'content-type': 'application/rdap+json' })
    response.end(JSON.stringify(object))
  }, delayMs)
  return ANSWERED
})
const tls = await startTlsServer({ cert: TEST_SERVER_CERTIFICATE, key: TEST_SERVER_KEY })
/** In front of it, what makes every flight of it late. */
const slow = createServer((socket) => {
  if (isSilent) {
    socket.on('error', () => {})
    return
  }
  const server = connect(tls.port, '127.0.0.1')
  socket.pipe(server)
  server.on('data', (chunk) => setTimeout(() => socket.write(chunk), delayMs))
  for (const end of [socket, server])
    end
      .on('error', () => {})
      .on('close', () => {
        socket.destroy()
        server.destroy()
      })
})
slow.listen(0, '127.0.0.1', () => {
  const address = slow.address()
  const tlsPort = typeof address === 'object' && address !== null ? address.port : 0
  console.log(JSON.stringify({ dnsPort: dns.port, rdapPort: rdap.port, tlsPort }))
})

function reply(name: string, type: string): TestDnsReply {
  const zone = zones.find(({ suffix }) => name.endsWith(`.${suffix}`))
  if (zone !== undefined) {
    const labels = name.slice(0, -zone.suffix.length - 1)
    const isListed = TEST_POINT.test(labels) || labels === reversed(zone.controls?.listed ?? '')
    return isListed && type === 'A' ? { answers: [answerOf(name, 'A', '127.0.0.2')] } : { rcode: 'NXDOMAIN' }
  }
  if (type === 'PTR') return { answers: [answerOf(name, 'PTR', 'host.bench.test')] }
  if (type === 'A') return { answers: [answerOf(name, 'A', `8.8.${name.length % 250}.${checksum(name)}`)] }
  if (type === 'MX' && name.split('.').length === 2)
    return {
      answers: ['mx1', 'mx2'].map((host, n) =>
        answerOf(name, 'MX', { preference: n, exchange: `${host}.${name}` }),
      ),
    }
  if (type === 'TXT') return { answers: [answerOf(name, 'TXT', 'v=spf1 -all')] }
  if (type === 'NS') return { answers: [answerOf(name, 'NS', `ns1.${name}`)] }
  return {}
}

/** An address as it is asked for; a domain as it is. */
function reversed(control: string): string {
  return /^[\d.]+$/.test(control) ? control.split('.').toReversed().join('.') : control
}

function checksum(name: string): number {
  let sum = 0
  for (const character of name) sum = (sum * 31 + character.charCodeAt(0)) % 250
  return sum
}

function registered(path: string): object {
  const [, kind, name = ''] = path.split('/')
  return kind === 'ip'
    ? { objectClassName: 'ip network', handle: 'N', startAddress: name, endAddress: name, country: 'US' }
    : {
        objectClassName: 'domain',
        ldhName: name,
        events: [{ eventAction: 'registration', eventDate: '2007-10-09T00:00:00Z' }],
      }
}
