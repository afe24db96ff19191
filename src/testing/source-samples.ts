/** A small file of each format that sources have, written by hand. */
export const SOURCE_SAMPLES = {
  iptoasn: [
    '1.0.0.0\t1.0.0.255\t64500\tAU\tEXAMPLE-AU - Example Pty',
    '1.0.1.0\t1.0.3.255\t0\tNone\tNot routed',
    '223.255.255.0\t255.255.255.255\t64501\tSG\tEXAMPLE-SG',
    '::\t2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff\t0\tNone\tNot routed',
    '2001:200::\t2001:200:ffff:ffff:ffff:ffff:ffff:ffff\t64502\tJP\tEXAMPLE-JP',
    '',
  ].join('\n'),
  'sapics-asn': [
    '1.0.0.0,1.0.0.255,64500,"Example, Inc."',
    '1.0.4.0,1.0.7.255,64501,Example Pty Ltd',
    '1.1.0.0,1.1.0.255,64502,"The ""Example"" Company"',
    '',
  ].join('\n'),
  'sapics-asn numbers': [
    '42540488161975842760550356425300246528,42540488241204005274814694018844196863,64502,Example JP',
    '42540489191933954805555357140974370816,42540489271162117319819694734518321151,64503,Example KR',
    '',
  ].join('\n'),
  'sapics-country': ['16777216,16777471,AU', '16777472,16778239,CN', '3758096128,3758096383,ZZ', ''].join(
    '\n',
  ),
  delegated: [
    '#',
    '# statement of conditions of use',
    '#',
    '2|apnic|20251120|6|19830613|20251119|+1000',
    'apnic|*|asn|*|2|summary',
    'apnic|*|ipv4|*|3|summary',
    'apnic|*|ipv6|*|1|summary',
    'apnic|JP|asn|173|1|20020801|allocated|A91A7381',
    'apnic|NZ|asn|681|4|20020801|allocated|A91B2C44',
    'apnic|AU|ipv4|1.0.0.0|256|20110811|assigned|A91872ED',
    'apnic|CN|ipv4|1.0.1.0|768|20110414|allocated|A92E1062',
    'apnic||ipv4|43.224.4.0|1024||available|',
    'apnic|JP|ipv6|2001:200::|32|19990813|allocated|A91A7381',
    '',
  ].join('\n'),
  'caida-as-rel': [
    '# source:topology|BGP|20250902|ripe|rrc00',
    '# source:topology|BGP|20250901|ripe|rrc01',
    '# input clique: 64496 64497',
    '# IXP ASes: 64510',
    '64496|64500|-1|bgp',
    '64496|64497|0|bgp',
    '64500|64501|0|mlp',
    '64500|64502|0|bgp,mlp',
    '64500|4200000001|-1|bgp',
    '',
  ].join('\n'),
  'caida-as-rel serial-1': [
    '# inferred clique: 64496',
    '64496|64500|-1',
    '64500|64501|0',
    '# step 7: set peering',
    '64500|64502|-1',
    '',
  ].join('\n'),
  'caida-as-org': [
    '# name: AS Org',
    '# format:org_id|changed|org_name|country|source',
    'EX-1-ARIN|20240105|Example Networks, Inc.|US|ARIN',
    '@family-2|20230220|Beispiel GmbH|DE|RIPE',
    '# format:aut|changed|aut_name|org_id|opaque_id|source',
    '64500|20240105|EXAMPLE-1|EX-1-ARIN|ab12_ARIN|ARIN',
    '64501|20230220|BEISPIEL|@family-2||RIPE',
    '',
  ].join('\n'),
  'caida-as-org without opaque ids': [
    '# format:org_id|changed|org_name|country|source',
    'EX-1-ARIN||Example Networks|US|ARIN',
    '# format:aut|changed|aut_name|org_id|source',
    '64500|20100101|EXAMPLE-1|EX-1-ARIN|ARIN',
    '',
  ].join('\n'),
  'caida-as-org lines of JSON': [
    '{"changed":"20240105","country":"US","name":"Example Networks, Inc.","organizationId":"EX-1-ARIN","source":"ARIN","type":"Organization"}',
    '{"asn":"64500","changed":"20240105","name":"EXAMPLE-1","opaqueId":"ab12_ARIN","organizationId":"EX-1-ARIN","source":"ARIN","type":"ASN"}',
    '',
  ].join('\n'),
  'caida-ppdc': ['# ppdc', '64496 64496 64500 64501', '64500 64500 64501', '64501 64501', ''].join('\n'),
  'caida-pfx2as': [
    '1.0.0.0\t24\t64500',
    '1.0.4.0\t22\t64501_64502',
    '6.0.0.0\t8\t64503,64504',
    '8.8.8.0\t24\t64505_64506,64507_64505',
    '',
  ].join('\n'),
  'caida-pfx2as-v6': ['2001::\t32\t64500_64501', '2001:200::\t32\t64502', ''].join('\n'),
  'ripe-asnames': [
    '0 -Reserved AS-, ZZ',
    '1 EXAMPLE-1 - Example Networks, LLC, US',
    '64500 BEISPIEL, DE',
    '64501 -Private Use AS-',
    '',
  ].join('\n'),
  'bgptools-asns': [
    'asn,name,class,cc',
    'AS64500,Example Networks,Unknown,US',
    'AS64501,"EXAMPLE CABLE CO.,LTD",Eyeball,JP',
    'AS64502,"The ""Example"" Company",Content,',
    '',
  ].join('\n'),
  'bgptools-tag:vpn': ['AS64500,"""Example"", Inc."', 'AS64501,Example Ltd', 'AS64502,AS64502', ''].join(
    '\n',
  ),
  'x4bnet-vpn': ['2.26.157.0/24', '2.26.164.0/22', '5.8.16.1', '2001:550:1d05::/48', ''].join('\n'),
  'x4bnet-vpn systems': ['# VPN providers', 'AS64500 # Example, RO', 'AS64501', ''].join('\n'),
  'tor-exits': ['185.220.101.1', '185.220.101.2', '2001:67c:6ec:203:192:42:116:173', ''].join('\n'),
  'cloud:plain': ['# provider: Example', '192.0.2.0/24', '198.51.100.7', '2001:db8::/32', ''].join('\n'),
  'cloud:digitalocean': [
    '# geofeed',
    '5.101.96.0/21,NL,NL-NH,Amsterdam,1105 AT',
    '2604:a880:400::/48,US,US-NY,"New York, NY",10013',
    '',
  ].join('\n'),
  'cloud:aws': JSON.stringify({
    syncToken: '1763389387',
    createDate: '2025-11-17-14-23-07',
    prefixes: [
      { ip_prefix: '3.4.12.4/32', region: 'eu-west-1', service: 'AMAZON', network_border_group: 'eu-west-1' },
      { ip_prefix: '3.5.140.0/22', region: 'ap-northeast-2', service: 'EC2', network_border_group: 'x' },
    ],
    ipv6_prefixes: [{ ipv6_prefix: '2600:1f01:4874::/47', region: 'us-west-2', service: 'S3' }],
  }),
  'cloud:gcp': JSON.stringify({
    syncToken: '1763383483000',
    creationTime: '2025-11-17T04:44:43.000',
    prefixes: [
      { ipv4Prefix: '34.1.208.0/20', service: 'Google Cloud', scope: 'africa-south1' },
      { ipv6Prefix: '2600:1900:8000::/44', service: 'Google Cloud', scope: 'us-central1' },
    ],
  }),
  'cloud:azure': JSON.stringify({
    changeNumber: 380,
    cloud: 'Public',
    values: [
      {
        name: 'Storage.WestEurope',
        id: 'Storage.WestEurope',
        properties: {
          region: 'westeurope',
          systemService: 'AzureStorage',
          addressPrefixes: ['13.69.40.16/28', '2603:1020:206::/48'],
        },
      },
      {
        name: 'AzureCloud',
        properties: { region: '', systemService: '', addressPrefixes: ['13.64.0.0/16'] },
      },
    ],
  }),
  'cloud:oracle': JSON.stringify({
    last_updated_timestamp: '2025-11-10T17:22:39.133Z',
    regions: [
      { region: 'us-phoenix-1', cidrs: [{ cidr: '129.146.0.0/21', tags: ['OCI'] }] },
      { region: 'eu-frankfurt-1', cidrs: [{ cidr: '130.61.0.0/16', tags: ['OCI', 'OSN'] }] },
    ],
  }),
  'cloud:fastly': JSON.stringify({
    addresses: ['23.235.32.0/20', '43.249.72.0/22'],
    ipv6_addresses: ['2a04:4e40::/32'],
  }),
  'cloud:github': JSON.stringify({
    verifiable_password_authentication: false,
    ssh_keys: ['ssh-ed25519 AAAA'],
    hooks: ['192.30.252.0/22', '2a0a:a440::/29'],
    actions: ['4.148.0.0/16'],
    domains: { website: ['*.github.com'] },
  }),
  'cloud:vultr': JSON.stringify({
    description: 'Geofeed',
    updated: '2025-11-20T10:00:00Z',
    subnets: [
      { ip_prefix: '8.3.29.0/24', alpha2code: 'US', region: 'US-FL', city: 'Miami', postal_code: '33142' },
      { ip_prefix: '2001:19f0:9000::/38', alpha2code: 'US', region: 'US-FL', city: 'Miami' },
    ],
  }),
} as const

/** The name of a source whose format a sample is of. */
export function sourceOfSample(sample: string): string {
  return sample.split(' ')[0] ?? sample
}
