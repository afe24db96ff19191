import type { DnsblControls, DnsblTerms, DnsblZone } from './dnsbl-zone.ts'

type Details = Partial<Omit<DnsblZone, 'zone' | 'name' | 'kind'>>

function ip(zone: string, name: string, details: Details = {}): DnsblZone {
  return { zone, name, kind: 'ip', ipv4: true, ipv6: false, terms: 'open', ...details }
}

function domain(zone: string, name: string, details: Details = {}): DnsblZone {
  return { zone, name, kind: 'domain', ipv4: false, ipv6: false, terms: 'open', ...details }
}

/** A zone of a customer of Spamhaus or Abusix. */
function keyed(key: string): { readonly key: string; readonly terms: DnsblTerms } {
  return { key, terms: 'key' }
}

const FAIR_USE = { terms: 'fair-use' } as const
const BOTH_VERSIONS = { ipv6: true } as const

/** Source: https://docs.spamhaus.com (return codes of the zones). */
const ZEN_CODES = {
  '127.0.0.2': 'SBL: spam source',
  '127.0.0.3': 'CSS: spam source, found automatically',
  '127.0.0.4': 'XBL: exploited host',
  '127.0.0.9': 'DROP: hijacked or criminal network',
  '127.0.0.10': 'PBL: policy of its provider, should not send mail itself',
  '127.0.0.11': 'PBL: end users, should not send mail itself',
  '127.0.0.20': 'AuthBL: attacks on mail accounts',
  '127.0.0.30': 'BCL: botnet controller',
}
const DBL_CODES = {
  '127.0.1.2': 'spam domain',
  '127.0.1.4': 'phishing domain',
  '127.0.1.5': 'malware domain',
  '127.0.1.6': 'botnet controller domain',
  '127.0.1.102': 'abused legitimate domain',
  '127.0.1.103': 'abused redirector',
  '127.0.1.104': 'legitimate domain abused for phishing',
  '127.0.1.105': 'legitimate domain abused for malware',
  '127.0.1.106': 'legitimate domain abused as botnet controller',
}
/** The answer to an IP address where a domain is wanted. */
const DBL_REFUSALS = ['127.0.1.255']
const DBL_CONTROLS: DnsblControls = { listed: 'dbltest.com', unlisted: 'example.com' }

/** Mailspike's degrees, from the worst to the best. */
const MAILSPIKE_CODES = {
  '127.0.0.10': 'worst reputation',
  '127.0.0.11': 'very bad reputation',
  '127.0.0.12': 'bad reputation',
}

/** Their names stand for what they say; 127.0.0.2 is not among what they list. */
const SPAMRATS_CONTROLS: DnsblControls = { listed: null }
const NEW_DOMAIN = 'registered lately'

/** Every address that nobody may use is a bogon; the loopback network, where the usual test points are, is one as a whole. */
const BOGON_CONTROLS: DnsblControls = { listed: '10.1.2.3', unlisted: '8.8.8.8' }
const BOGON6_CONTROLS: DnsblControls = { listed: 'fd00::1', unlisted: '2001:4860:4860::8888' }
const BOGON = { '127.0.0.2': 'not in use on the Internet' }

/**
 * The lists that are known, asked or not: those with a key are only asked by who has one. Each works as its publisher
 * says; whether it does today is what its controls show.
 *
 * Overlapping zones of one publisher are left out where one of them has all the others say. Zones that have ended are
 * left out too: a lapsed name can list the world.
 */
export const DNSBL_CATALOGUE: readonly DnsblZone[] = [
  ip('zen.spamhaus.org', 'Spamhaus ZEN', { ...FAIR_USE, ...BOTH_VERSIONS, codes: ZEN_CODES }),
  ip('zen.dq.spamhaus.net', 'Spamhaus ZEN (DQS)', {
    ...keyed('spamhaus-dqs'),
    ...BOTH_VERSIONS,
    codes: ZEN_CODES,
  }),
  ip('authbl.dq.spamhaus.net', 'Spamhaus AuthBL (DQS)', {
    ...keyed('spamhaus-dqs'),
    ...BOTH_VERSIONS,
    codes: ZEN_CODES,
  }),
  ip('combined.mail.abusix.zone', 'Abusix Mail Intelligence', { ...keyed('abusix'), ...BOTH_VERSIONS }),
  ip('bl.spamcop.net', 'SpamCop'),
  ip('b.barracudacentral.org', 'Barracuda', { terms: 'registration' }),
  ip('bb.barracudacentral.org', 'Barracuda (bb)', { terms: 'registration' }),
  ip('psbl.surriel.com', 'Passive Spam Block List'),
  ip('bl.mailspike.net', 'Mailspike Blocklist', { codes: MAILSPIKE_CODES }),
  ip('z.mailspike.net', 'Mailspike Zombies'),
  ip('rep.mailspike.net', 'Mailspike Reputation', { codes: MAILSPIKE_CODES, isStrict: true }),
  ip('bl.spameatingmonkey.net', 'Spam Eating Monkey Black'),
  ip('backscatter.spameatingmonkey.net', 'Spam Eating Monkey Backscatter'),
  ip('netbl.spameatingmonkey.net', 'Spam Eating Monkey Networks'),
  ip('bl.ipv6.spameatingmonkey.net', 'Spam Eating Monkey IPv6', { ipv4: false, ipv6: true }),
  ip('bl.blocklist.de', 'blocklist.de', BOTH_VERSIONS),
  ip('bl.0spam.org', '0spam'),
  ip('rbl.0spam.org', '0spam Recent'),
  ip('nbl.0spam.org', '0spam Networks'),
  ip('rbl.interserver.net', 'InterServer'),
  ip('rblspamassassin.interserver.net', 'InterServer SpamAssassin'),
  ip('dnsbl.spfbl.net', 'SPFBL', BOTH_VERSIONS),
  ip('matrix.spfbl.net', 'SPFBL Matrix'),
  ip('truncate.gbudb.net', 'GBUdb Truncate'),
  ip('all.s5h.net', 's5h.net', BOTH_VERSIONS),
  ip('dnsbl.zapbl.net', 'ZapBL'),
  ip('dnsrbl.swinog.ch', 'SwiNOG'),
  ip('spamrbl.swinog.ch', 'SwiNOG Spam'),
  ip('dnsbl.kempt.net', 'kempt.net'),
  ip('spam.dnsbl.anonmails.de', 'anonmails.de'),
  ip('spamsources.fabel.dk', 'fabel.dk Spam Sources'),
  ip('bl.nosolicitado.org', 'nosolicitado.org'),
  ip('mail-abuse.blacklist.jippg.org', 'JIPPG'),
  ip('dnsbl-1.uceprotect.net', 'UCEPROTECT Level 1', { codes: { '127.0.0.2': 'spam source' } }),
  ip('dnsbl-2.uceprotect.net', 'UCEPROTECT Level 2', {
    codes: { '127.0.0.2': 'its neighbourhood, not the address itself' },
  }),
  ip('dnsbl-3.uceprotect.net', 'UCEPROTECT Level 3', {
    codes: { '127.0.0.2': 'its whole provider, not the address itself' },
  }),
  ip('ips.backscatterer.org', 'Backscatterer'),
  ip('bl.score.senderscore.com', 'Sender Score', { terms: 'registration' }),
  {
    ...ip('hostkarma.junkemailfilter.com', 'Hostkarma'),
    kind: 'both',
    codes: { '127.0.0.2': 'black', '127.0.0.4': 'brown: sends spam among other mail' },
    isStrict: true,
    harmless: ['127.0.0.1', '127.0.0.3', '127.0.0.5'],
  },
  ip('dnsbl.dronebl.org', 'DroneBL', {
    ...BOTH_VERSIONS,
    codes: {
      '127.0.0.3': 'IRC drone',
      '127.0.0.5': 'bottler',
      '127.0.0.6': 'spambot or spam drone',
      '127.0.0.7': 'DDoS drone',
      '127.0.0.8': 'open SOCKS proxy',
      '127.0.0.9': 'open HTTP proxy',
      '127.0.0.10': 'proxy chain',
      '127.0.0.11': 'web page proxy',
      '127.0.0.13': 'brute force attacker',
      '127.0.0.14': 'open Wingate proxy',
      '127.0.0.15': 'compromised router',
      '127.0.0.16': 'autorooting worm',
      '127.0.0.17': 'botnet address',
      '127.0.0.19': 'abused VPN',
    },
  }),
  ip('tor.dan.me.uk', 'dan.me.uk Tor nodes', { codes: { '127.0.0.100': 'Tor node' } }),
  ip('torexit.dan.me.uk', 'dan.me.uk Tor exits', { codes: { '127.0.0.100': 'Tor exit' } }),
  ip('rbl.efnetrbl.org', 'EFnet RBL', {
    codes: {
      '127.0.0.1': 'open proxy',
      '127.0.0.2': 'virus or trojan spreader',
      '127.0.0.3': 'trojaned client',
      '127.0.0.4': 'Tor exit',
      '127.0.0.5': 'drone or flooding',
    },
  }),
  ip('bl.nordspam.com', 'NordSpam'),
  ip('bl.suomispam.net', 'SuomiSpam'),
  ip('bl.drmx.org', 'DrMX'),
  ip('rbl.abuse.ro', 'abuse.ro'),
  ip('rbl.schulte.org', 'schulte.org'),
  ip('spam.spamrats.com', 'SpamRATS Spam', { controls: SPAMRATS_CONTROLS }),
  ip('dyna.spamrats.com', 'SpamRATS Dyna', {
    controls: SPAMRATS_CONTROLS,
    codes: { '127.0.0.36': 'dynamic address that sends suspicious mail' },
  }),
  ip('noptr.spamrats.com', 'SpamRATS NoPtr', {
    controls: SPAMRATS_CONTROLS,
    codes: { '127.0.0.37': 'sends mail without a reverse name' },
  }),
  ip('auth.spamrats.com', 'SpamRATS Auth', {
    controls: SPAMRATS_CONTROLS,
    codes: { '127.0.0.43': 'attacks on mail accounts' },
  }),
  ip('rbl.your-server.de', 'your-server.de'),
  ip('proxy.block.transip.nl', 'TransIP Proxies'),
  ip('residential.block.transip.nl', 'TransIP Residential', {
    codes: { '127.0.0.2': 'end users, should not send mail itself' },
  }),
  ip('dnsblchile.org', 'DNSBL Chile'),
  ip('dnsbl.tornevall.org', 'Tornevall DNSBL'),
  ip('bip.virusfree.cz', 'Virusfree BIP', { ...BOTH_VERSIONS, codes: { '127.0.0.2': 'botnet' } }),
  ip('bogons.cymru.com', 'Team Cymru Bogons', { controls: BOGON_CONTROLS, codes: BOGON }),
  ip('v4.fullbogons.cymru.com', 'Team Cymru Full Bogons IPv4', { controls: BOGON_CONTROLS, codes: BOGON }),
  ip('v6.fullbogons.cymru.com', 'Team Cymru Full Bogons IPv6', {
    ipv4: false,
    ipv6: true,
    controls: BOGON6_CONTROLS,
    codes: BOGON,
  }),

  domain('dbl.spamhaus.org', 'Spamhaus DBL', {
    ...FAIR_USE,
    codes: DBL_CODES,
    refusals: DBL_REFUSALS,
    controls: DBL_CONTROLS,
  }),
  domain('dbl.dq.spamhaus.net', 'Spamhaus DBL (DQS)', {
    ...keyed('spamhaus-dqs'),
    codes: DBL_CODES,
    refusals: DBL_REFUSALS,
    controls: DBL_CONTROLS,
  }),
  domain('zrd.dq.spamhaus.net', 'Spamhaus Zero Reputation Domains (DQS)', {
    ...keyed('spamhaus-dqs'),
    refusals: ['127.0.2.255'],
    controls: { listed: null, unlisted: 'example.com' },
  }),
  domain('dblack.mail.abusix.zone', 'Abusix Domains', keyed('abusix')),
  domain('multi.surbl.org', 'SURBL', {
    ...FAIR_USE,
    refusals: ['127.0.0.1'],
    bits: { 8: 'phishing', 16: 'malware', 64: 'abuse', 128: 'cracked site' },
    controls: { listed: 'surbl-org-permanent-test-point.com', unlisted: 'example.com' },
  }),
  domain('multi.uribl.com', 'URIBL', {
    ...FAIR_USE,
    refusals: ['127.0.0.1'],
    bits: { 2: 'black', 4: 'grey', 8: 'red' },
    controls: { listed: 'test.uribl.com', unlisted: 'example.com' },
  }),
  domain('uribl.spameatingmonkey.net', 'Spam Eating Monkey URI'),
  domain('urired.spameatingmonkey.net', 'Spam Eating Monkey URI Red'),
  domain('freshzero.spameatingmonkey.net', 'Spam Eating Monkey Fresh (today)', {
    codes: { '127.0.0.2': NEW_DOMAIN },
  }),
  domain('fresh.spameatingmonkey.net', 'Spam Eating Monkey Fresh (5 days)', {
    codes: { '127.0.0.2': NEW_DOMAIN },
  }),
  domain('fresh10.spameatingmonkey.net', 'Spam Eating Monkey Fresh (10 days)', {
    codes: { '127.0.0.2': NEW_DOMAIN },
  }),
  domain('fresh15.spameatingmonkey.net', 'Spam Eating Monkey Fresh (15 days)', {
    codes: { '127.0.0.2': NEW_DOMAIN },
  }),
  domain('fresh30.spameatingmonkey.net', 'Spam Eating Monkey Fresh (30 days)', {
    codes: { '127.0.0.2': NEW_DOMAIN },
  }),
  domain('dbl.nordspam.com', 'NordSpam Domains'),
  domain('dbl.suomispam.net', 'SuomiSpam Domains'),
  domain('uribl.abuse.ro', 'abuse.ro URI'),
  domain('url.0spam.org', '0spam URL'),
  domain('uribl.swinog.ch', 'SwiNOG URI'),
]
