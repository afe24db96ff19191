import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { domainFromWhois } from './registration-from-domain-whois.ts'
import { networkFromWhois } from './registration-from-ip-whois.ts'
import { RegistrationError } from './registration.ts'

const SERVER = 'whois.test'

function domain(text: string): unknown {
  return domainFromWhois({ text, server: SERVER, isTruncated: false })
}

function network(text: string): unknown {
  return networkFromWhois({ text, server: SERVER, isTruncated: false })
}

function failure(read: () => unknown) {
  try {
    return read()
  } catch (error) {
    return error instanceof RegistrationError ? error.code : error
  }
}

const BASE = { source: 'whois', server: SERVER }

describe('a domain, as told', () => {
  test('by Verisign, which knows the registrar alone', () => {
    expect(
      domain(`   Domain Name: EXAMPLE.COM
   Registry Domain ID: 1234_DOMAIN_COM-VRSN
   Registrar WHOIS Server: whois.registrar.test
   Registrar URL: http://www.registrar.test
   Updated Date: 2026-01-16T18:26:50Z
   Creation Date: 1995-08-14T04:00:00Z
   Registry Expiry Date: 2027-08-13T04:00:00Z
   Registrar: Example Registrar, Inc.
   Registrar IANA ID: 9999
   Registrar Abuse Contact Email: abuse@registrar.test
   Registrar Abuse Contact Phone:
   Domain Status: clientDeleteProhibited https://icann.org/epp#clientDeleteProhibited
   Domain Status: ok https://icann.org/epp#ok
   Name Server: NS1.EXAMPLE.COM
   Name Server: NS2.EXAMPLE.COM
   DNSSEC: signedDelegation
   DNSSEC DS Data: 31589 8 1 3490
   URL of the ICANN Whois Inaccuracy Complaint Form: https://www.icann.org/wicf/
>>> Last update of whois database: 2026-01-20T00:00:00Z <<<

NOTICE: The expiration date displayed in this record is the date the
registrar's sponsorship of the domain name registration in the registry is
currently set to expire.
TERMS OF USE: Registrant Country: XX, you agree: Registrar: nobody
`),
    ).toEqual({
      ...BASE,
      handle: '1234_DOMAIN_COM-VRSN',
      registrar: 'Example Registrar, Inc.',
      created: '1995-08-14',
      updated: '2026-01-16',
      expires: '2027-08-13',
      status: ['client delete prohibited', 'active'],
      nameServers: ['ns1.example.com', 'ns2.example.com'],
      abuseContact: 'abuse@registrar.test',
      dnssec: true,
    })
  })

  test('by a registrar, in the form of ICANN', () => {
    expect(
      domain(`Domain Name: example.com
Registrar WHOIS Server: whois.registrar.test
Updated Date: 2026-01-16T23:30:00-0500
Creation Date: 1995-08-14T04:00:00+0000
Registrar Registration Expiration Date: 2027-08-13T04:00:00.0Z
Registrar: Example Registrar, Inc.
Registrant Name: REDACTED FOR PRIVACY
Registrant Organization: Example Org
Registrant State/Province: CA
Registrant Country: us
Admin Country: DE
Name Server: ns1.example.com
DNSSEC: unsigned
`),
    ).toEqual({
      ...BASE,
      registrar: 'Example Registrar, Inc.',
      created: '1995-08-14',
      updated: '2026-01-17',
      expires: '2027-08-13',
      status: [],
      nameServers: ['ns1.example.com'],
      organization: 'Example Org',
      country: 'US',
      dnssec: false,
    })
  })

  test('by DENIC, which tells little', () => {
    expect(
      domain(`% Restricted rights.
%
Domain: example.de
Nserver: ns1.example.net
Nserver: ns2.example.de 192.0.2.1
Dnskey: 257 3 8 AwEAAb
Status: connect
Changed: 2020-09-21T10:00:00+02:00
`),
    ).toEqual({
      ...BASE,
      updated: '2020-09-21',
      status: ['connect'],
      nameServers: ['ns1.example.net', 'ns2.example.de'],
      dnssec: true,
    })
  })

  test('by Nominet, below headings', () => {
    expect(
      domain(`
    Domain name:
        example.co.uk

    Data validation:
        Nominet was able to match the registrant's name and address against a 3rd party data source on 10-Dec-2012

    Registrar:
        Example Ltd t/a Example [Tag = EXAMPLE]
        URL: https://www.example.uk

    Relevant dates:
        Registered on: 14-Jul-1998
        Expiry date:  14-Jul-2027
        Last updated:  02-Jun-2026

    Registration status:
        Registered until expiry date.

    Name servers:
        ns1.example.co.uk         192.0.2.1  2001:db8::1
        ns2.example.net

    WHOIS lookup made at 12:00:00 01-Jan-2026

--
This WHOIS information is provided for free by Nominet UK
`),
    ).toEqual({
      ...BASE,
      registrar: 'Example Ltd t/a Example',
      created: '1998-07-14',
      updated: '2026-06-02',
      expires: '2027-07-14',
      status: ['registered until expiry date'],
      nameServers: ['ns1.example.co.uk', 'ns2.example.net'],
    })
  })

  test('by AFNIC, with the holder further down', () => {
    expect(
      domain(`%%
%% This is the AFNIC Whois server.
%%
domain:                        example.fr
status:                        ACTIVE
eppstatus:                     active
hold:                          NO
holder-c:                      E1234-FRNIC
admin-c:                       A1-FRNIC
registrar:                     EXAMPLE REGISTRAR
Expiry Date:                   2027-01-02T00:00:00Z
created:                       2005-01-02T00:00:00Z
last-update:                   2026-01-02T01:00:00.12345Z
source:                        FRNIC

nserver:                       ns1.example.fr [192.0.2.1 2001:db8::1]
nserver:                       ns2.example.fr
source:                        FRNIC

registrar:                     EXAMPLE REGISTRAR
address:                       1 rue de l'Exemple
country:                       LU
e-mail:                        support@registrar.test

nic-hdl:                       A1-FRNIC
type:                          PERSON
contact:                       Ano Nymous
country:                       BE

nic-hdl:                       E1234-FRNIC
type:                          ORGANIZATION
contact:                       Société Exemple
country:                       FR
`),
    ).toEqual({
      ...BASE,
      registrar: 'EXAMPLE REGISTRAR',
      created: '2005-01-02',
      updated: '2026-01-02',
      expires: '2027-01-02',
      status: ['active'],
      nameServers: ['ns1.example.fr', 'ns2.example.fr'],
      organization: 'Société Exemple',
      country: 'FR',
    })
  })

  test('by EURid, which tells no dates', () => {
    expect(
      domain(`% WHOIS example.eu
Domain: example.eu
Script: LATIN

Registrant:
        NOT DISCLOSED!
        Visit www.eurid.eu for the web-based WHOIS.

Technical:
        Organisation: Example Hosting
        Language: en
        Email: tech@hosting.test

Registrar:
        Name: Example Registrar SA
        Website: https://www.registrar.test

Name servers:
        ns1.example.eu (192.0.2.1)
        ns1.example.eu (2001:db8::1)
        ns2.example.net

Keys:
        flags:KSK protocol:3 algorithm:RSA_SHA256 pubKey:AwEAA

Please visit www.eurid.eu for more info.
`),
    ).toEqual({
      ...BASE,
      registrar: 'Example Registrar SA',
      status: [],
      nameServers: ['ns1.example.eu', 'ns2.example.net'],
      dnssec: true,
    })
  })

  test('by SIDN', () => {
    expect(
      domain(`Domain name: example.nl
Status:      active

Registrar:
   Example B.V.
   Voorbeeldstraat 1
   1000AA AMSTERDAM
   Netherlands

Abuse Contact:
   +31.201234567
   abuse@registrar.test

Creation Date: 1999-05-27

Updated Date: 2024-03-01

DNSSEC:      yes

Domain nameservers:
   ns1.example.nl       192.0.2.1
   ns1.example.nl       2001:db8::1
   ns2.example.net

Record maintained by: SIDN BV

Copyright notice
No part of this publication may be reproduced.
`),
    ).toEqual({
      ...BASE,
      registrar: 'Example B.V.',
      created: '1999-05-27',
      updated: '2024-03-01',
      status: ['active'],
      nameServers: ['ns1.example.nl', 'ns2.example.net'],
      abuseContact: 'abuse@registrar.test',
      dnssec: true,
    })
  })

  test('by JPRS, in brackets', () => {
    expect(
      domain(`[ JPRS database provides information on network administration. ]

Domain Information:
[Domain Name]                   EXAMPLE.JP

[Registrant]                    Example Corporation

[Name Server]                   ns1.example.jp
[Name Server]                   ns2.example.jp
[Signing Key]

[Created on]                    2001/03/26
[Expires on]                    2027/03/31
[Status]                        Active
[Last Updated]                  2026/04/01 01:05:03 (JST)

Contact Information:
[Name]                          Somebody
`),
    ).toEqual({
      ...BASE,
      created: '2001-03-26',
      updated: '2026-04-01',
      expires: '2027-03-31',
      status: ['active'],
      nameServers: ['ns1.example.jp', 'ns2.example.jp'],
      organization: 'Example Corporation',
    })
    expect(
      domain(`Domain Information:
a. [Domain Name]                EXAMPLE.CO.JP
g. [Organization]               Example Corporation
l. [Organization Type]          Corporation
p. [Name Server]                ns1.example.co.jp
s. [Signing Key]
[State]                         Connected (2027/03/31)
[Registered Date]               1996/01/23
[Connected Date]                1996/02/01
[Last Update]                   2026/04/01 01:02:03 (JST)
`),
    ).toMatchObject({
      created: '1996-01-23',
      expires: '2027-03-31',
      status: ['connected'],
      nameServers: ['ns1.example.co.jp'],
      organization: 'Example Corporation',
    })
  })

  test('by Registro.br', () => {
    expect(
      domain(`% Copyright (c) Nic.br
domain:      example.com.br
owner:       Exemplo Ltda
ownerid:     01.234.567/0001-89
responsible: Fulano
country:     BR
owner-c:     EXA123
nserver:     ns1.example.com.br 192.0.2.1
nsstat:      20260101 AA
nserver:     ns2.example.com.br
dsrecord:    12345 RSA-SHA-256 ABCDEF
created:     19990518 #156573
changed:     20260102
expires:     20280518
status:      published

nic-hdl-br:  EXA123
person:      Fulano
created:     20000101
changed:     20010101
`),
    ).toEqual({
      ...BASE,
      created: '1999-05-18',
      updated: '2026-01-02',
      expires: '2028-05-18',
      status: ['published'],
      nameServers: ['ns1.example.com.br', 'ns2.example.com.br'],
      organization: 'Exemplo Ltda',
      country: 'BR',
      dnssec: true,
    })
  })

  test('by TCI', () => {
    expect(
      domain(`% TCI Whois Service.
domain:        EXAMPLE.RU
nserver:       ns1.example.ru. 192.0.2.1
nserver:       ns2.example.net.
state:         REGISTERED, DELEGATED, VERIFIED
org:           Example LLC
registrar:     EXAMPLE-RU
admin-contact: https://www.registrar.test/whois
created:       1997-09-23T09:45:07Z
paid-till:     2027-09-30T21:00:00Z
free-date:     2027-11-01
source:        TCI

Last updated on 2026-01-01T00:00:00Z
`),
    ).toEqual({
      ...BASE,
      registrar: 'EXAMPLE-RU',
      created: '1997-09-23',
      expires: '2027-09-30',
      status: ['registered', 'delegated', 'verified'],
      nameServers: ['ns1.example.ru', 'ns2.example.net'],
      organization: 'Example LLC',
    })
  })

  test('by NIC Italy, DNS Belgium, NASK and KISA', () => {
    expect(
      domain(`Domain:             example.it
Status:             ok
Signed:             no
Created:            1999-12-10 00:00:00
Last Update:        2026-05-07 00:52:36
Expire Date:        2027-04-21

Registrant
  Organization:     Esempio S.p.A.
  Address:          Via Esempio 1
                    Milano
                    IT

Registrar
  Organization:     Registrar S.r.l.
  Name:             REGISTRAR-REG

Nameservers
  ns1.example.it
  ns2.example.it
`),
    ).toMatchObject({
      registrar: 'Registrar S.r.l.',
      created: '1999-12-10',
      updated: '2026-05-07',
      expires: '2027-04-21',
      status: ['active'],
      nameServers: ['ns1.example.it', 'ns2.example.it'],
      organization: 'Esempio S.p.A.',
    })
    expect(
      domain(`Domain:\texample.be
Status:\tNOT AVAILABLE
Registered:\tTue Dec 12 2000

Registrar:
\tName:\tExample NV
\tWebsite:\thttps://www.registrar.test

Nameservers:
\tns1.example.be (192.0.2.1)
\tns2.example.be

Keys:

Flags:
\tclientTransferProhibited
`),
    ).toMatchObject({
      registrar: 'Example NV',
      created: '2000-12-12',
      nameServers: ['ns1.example.be', 'ns2.example.be'],
    })
    expect(
      domain(`DOMAIN NAME:           example.pl
registrant type:       organization
nameservers:           ns1.example.pl. [192.0.2.1]
                       ns2.example.pl.
created:               2002.05.31 13:00:00
last modified:         2026.05.06 14:25:04
renewal date:          2027.05.30 14:00:00
dnssec:                Unsigned

REGISTRAR:
Przyklad Sp. z o.o.
ul. Przykladowa 1
`),
    ).toMatchObject({
      registrar: 'Przyklad Sp. z o.o.',
      created: '2002-05-31',
      updated: '2026-05-06',
      expires: '2027-05-30',
      nameServers: ['ns1.example.pl', 'ns2.example.pl'],
      dnssec: false,
    })
    expect(
      domain(`Domain Name                 : example.kr
Registrant                  : Example Co.
Registered Date             : 1999. 07. 26.
Last Updated Date           : 2026. 01. 02.
Expiration Date             : 2027. 07. 26.
DNSSEC                      : unsigned

Primary Name Server
   Host Name                : ns1.example.kr
   IP Address               : 192.0.2.1
`),
    ).toMatchObject({ organization: 'Example Co.', created: '1999-07-26', expires: '2027-07-26' })
  })
})

test.each([
  'No match for domain "EXAMPLE.COM".\r\n>>> Last update of whois database <<<',
  'Domain: example.de\nStatus: free\n',
  '%% NOT FOUND\n',
  '% No match for example.com.br\n',
  'No entries found for the selected source(s).\n',
  'No match!!\n\nWith JPRS WHOIS, you can query the following domain name',
  'Domain: example.eu\nScript: LATIN\n\nStatus: AVAILABLE\n',
  'example.nl is free\n',
  '    No match for "example.co.uk".\n\n    This domain name has not been registered.\n',
  'The queried object does not exist: domain not found\n',
  'Domain not found.\n',
  'domain "example.se" not found.\n',
  '% nothing found\n',
  'Domain:             example.it\nStatus:             AVAILABLE\n',
])('nothing is registered where a registry says: %s', (text) => {
  expect(domain(text)).toBeUndefined()
})

test.each([
  ['% Error: 55000000002 Connection refused; access control limit reached.\n', 'too-many'],
  ['Your connection limit exceeded. Please slow down and try again later.\n', 'too-many'],
  ['WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\n', 'too-many'],
  ['Hello\n', 'malformed'],
  ['<html><body>Bad Gateway</body></html>\n', 'malformed'],
])('%j is no answer, and is not taken for one', (text, code) => {
  expect(failure(() => domain(text))).toBe(code)
})

describe('a network, as told', () => {
  test('by RIPE, AFRINIC and APNIC', () => {
    expect(
      network(`% This is the RIPE Database query service.

% Information related to '192.0.2.0 - 192.0.2.255'

% Abuse contact for '192.0.2.0 - 192.0.2.255' is 'abuse@example.net'

inetnum:        192.0.2.0 - 192.0.2.255
netname:        EXAMPLE-NET
descr:          Somewhere
country:        DE
org:            ORG-EX1-RIPE
admin-c:        AB1-RIPE
status:         ASSIGNED PA
mnt-by:         EXAMPLE-MNT
created:        2004-05-06T07:08:09Z
last-modified:  2025-05-06T07:08:09Z
source:         RIPE

organisation:   ORG-OTHER-RIPE
org-name:       Somebody Else
country:        FR

organisation:   ORG-EX1-RIPE
org-name:       Example GmbH
country:        DE
abuse-mailbox:  other@example.net
created:        2001-01-01T00:00:00Z

% Information related to '192.0.2.0/24AS64500'

route:          192.0.2.0/24
origin:         AS64500
`),
    ).toEqual({
      ...BASE,
      created: '2004-05-06',
      updated: '2025-05-06',
      status: ['assigned pa'],
      nameServers: [],
      organization: 'Example GmbH',
      country: 'DE',
      network: { range: '192.0.2.0/24', name: 'EXAMPLE-NET' },
      abuseContact: 'abuse@example.net',
    })
    expect(
      network(`inet6num:       2001:db8:1::/48
netname:        EXAMPLE-AP
descr:          Example Pty Ltd
country:        AU
status:         ALLOCATED PORTABLE
last-modified:  2020-01-02T00:00:00Z

irt:            IRT-EXAMPLE-AU
abuse-mailbox:  abuse@example.com.au
`),
    ).toEqual({
      ...BASE,
      updated: '2020-01-02',
      status: ['allocated portable'],
      nameServers: [],
      organization: 'Example Pty Ltd',
      country: 'AU',
      network: { range: '2001:db8:1::/48', name: 'EXAMPLE-AP' },
      abuseContact: 'abuse@example.com.au',
    })
  })

  test('by ARIN, the smaller network after the larger', () => {
    expect(
      network(`# start

NetRange:       198.51.0.0 - 198.51.255.255
CIDR:           198.51.0.0/16
NetName:        LARGE
NetHandle:      NET-198-51-0-0-1
Organization:   Carrier, Inc. (CARR)

OrgName:        Carrier, Inc.
Country:        CA

# end
# start

NetRange:       198.51.100.0 - 198.51.100.191
CIDR:           198.51.100.0/25, 198.51.100.128/26
NetName:        EXAMPLE
NetHandle:      NET-198-51-100-0-1
Parent:         LARGE (NET-198-51-0-0-1)
NetType:        Reassigned
Organization:   Example LLC (EXAMP-1)
RegDate:        2014-03-14
Updated:        2014-03-15
Ref:            https://rdap.arin.net/registry/ip/198.51.100.0

OrgName:        Example LLC
OrgId:          EXAMP-1
Country:        US
RegDate:        2000-03-30

OrgTechEmail:  tech@example.com

OrgAbuseHandle: ABUSE1-ARIN
OrgAbuseEmail:  abuse@example.com

# end
`),
    ).toEqual({
      ...BASE,
      handle: 'NET-198-51-100-0-1',
      created: '2014-03-14',
      updated: '2014-03-15',
      status: ['reassigned'],
      nameServers: [],
      organization: 'Example LLC',
      country: 'US',
      network: { range: '198.51.100.0 - 198.51.100.191', name: 'EXAMPLE' },
      abuseContact: 'abuse@example.com',
    })
  })

  test('by LACNIC, with octets left out', () => {
    expect(
      network(`% IP Client: 192.0.2.1

inetnum:     203.0.112/22
status:      allocated
aut-num:     N/A
owner:       Ejemplo S.A.
ownerid:     UY-EJSA-LACNIC
country:     UY
owner-c:     AAA
abuse-c:     BBB
created:     20010203
changed:     20200405
inetnum-up:  203.0/16

nic-hdl:     AAA
e-mail:      owner@example.uy

nic-hdl:     BBB
person:      Abuse
e-mail:      abuse@example.uy
`),
    ).toEqual({
      ...BASE,
      created: '2001-02-03',
      updated: '2020-04-05',
      status: ['allocated'],
      nameServers: [],
      organization: 'Ejemplo S.A.',
      country: 'UY',
      network: { range: '203.0.112.0/22' },
      abuseContact: 'abuse@example.uy',
    })
  })

  test('by a registry that has nothing, or looks after what another has', () => {
    expect(network('%ERROR:101: no entries found\n%\n% No entries found in source RIPE.\n')).toBeUndefined()
    expect(network('No match found for n + 192.0.2.1.\n')).toBeUndefined()
    expect(network('inetnum: 0.0.0.0 - 255.255.255.255\nnetname: IANA-BLK\n')).toBeUndefined()
    expect(
      network('inetnum: 192.0.0.0 - 192.255.255.255\nnetname: NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK\n'),
    ).toBeUndefined()
    expect(failure(() => network('%ERROR:201: access denied for 192.0.2.1\n'))).toBe('too-many')
    expect(failure(() => network('inetnum: everything\n'))).toBe('malformed')
  })
})

test('no text takes long to read or fails in another way, however it is made', () => {
  const pieces = [
    '\n',
    ' ',
    '\t',
    ':',
    '%',
    '[',
    ']',
    '.',
    '-',
    'a',
    'Registrar:',
    'limit ',
    'is ',
    '192.0.2.0 - ',
  ]
  const texts = pieces.map((piece) => piece.repeat(Math.floor((256 * 1024) / piece.length)))
  const lines = pieces.map((piece) => `x${piece.repeat(490)}\n`.repeat(500))

  const startedMs = performance.now()
  for (const text of [...texts, ...lines])
    for (const read of [domain, network])
      expect<unknown[]>(['too-many', 'malformed', undefined]).toContain(failure(() => read(text)))
  expect(performance.now() - startedMs).toBeLessThan(2_000)

  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string())), (parts) => {
      for (const read of [domain, network]) {
        const outcome = failure(() => read(parts.join('')))
        expect(outcome).not.toBeInstanceOf(Error)
      }
    }),
  )
})
