/** A service that takes or filters mail for domains of others. */
export interface MailProvider {
  readonly name: string
  /** `gateway` filters mail and hands it on to mailboxes elsewhere, `forwarding` hands on all of it. */
  readonly kind: 'mailbox' | 'gateway' | 'forwarding'
  /** Ends of the names of its mail servers; an asterisk stands for any label. */
  readonly mx: readonly string[]
  /** What `include` and `redirect` of its customers' SPF records name, or end with. */
  readonly spf?: readonly string[]
}

function mailbox(name: string, mx: readonly string[], spf: readonly string[] = []): MailProvider {
  return { name, kind: 'mailbox', mx, spf }
}

function gateway(name: string, mx: readonly string[]): MailProvider {
  return { name, kind: 'gateway', mx }
}

function forwarding(name: string, mx: readonly string[]): MailProvider {
  return { name, kind: 'forwarding', mx }
}

/** Well-known providers, by what they tell their customers to write into DNS. */
export const MAIL_PROVIDERS: readonly MailProvider[] = [
  mailbox(
    'Google Workspace',
    ['aspmx.l.google.com', 'google.com', 'googlemail.com', 'psmtp.com'],
    ['_spf.google.com'],
  ),
  mailbox(
    'Microsoft 365',
    ['mail.protection.outlook.com', 'mx.microsoft', 'mail.protection.partner.outlook.cn'],
    ['spf.protection.outlook.com', 'spf.protection.partner.outlook.cn'],
  ),
  mailbox('Outlook.com', ['olc.protection.outlook.com']),
  mailbox(
    'Zoho Mail',
    ['zoho.com', 'zoho.eu', 'zoho.in', 'zoho.com.au', 'zoho.jp', 'zohomail.com'],
    ['zoho.com', 'zoho.eu', 'zoho.in', 'zohomail.com', 'zohomail.eu', 'one.zoho.com'],
  ),
  mailbox('Proton Mail', ['protonmail.ch'], ['_spf.protonmail.ch']),
  mailbox('Fastmail', ['messagingengine.com'], ['spf.messagingengine.com']),
  mailbox('iCloud Mail', ['mail.icloud.com'], ['icloud.com']),
  mailbox('Yahoo Mail', ['yahoodns.net'], ['_spf.mail.yahoo.com']),
  mailbox('GoDaddy', ['secureserver.net'], ['secureserver.net']),
  mailbox('Rackspace Email', ['emailsrvr.com'], ['emailsrvr.com']),
  mailbox('Amazon WorkMail or SES', ['inbound-smtp.*.amazonaws.com']),
  mailbox('Yandex 360', ['mx.yandex.net', 'mx.yandex.ru'], ['_spf.yandex.net', '_spf.yandex.ru']),
  mailbox('VK WorkSpace', ['mxs.mail.ru', 'emx.mail.ru'], ['_spf.mail.ru']),
  mailbox(
    'Tencent Exmail',
    ['mxbiz1.qq.com', 'mxbiz2.qq.com', 'exmail.qq.com', 'mx3.qq.com'],
    ['spf.mail.qq.com', 'spf.exmail.qq.com'],
  ),
  mailbox('NetEase', ['netease.com'], ['spf.163.com']),
  mailbox('Alibaba Mail', ['mxhichina.com', 'qiye.aliyun.com'], ['spf.qiye.aliyun.com', 'spf.mxhichina.com']),
  mailbox('NAVER WORKS', ['worksmobile.com', 'mx.navercorp.com'], ['spf.worksmobile.com']),
  mailbox(
    'IONOS',
    ['kundenserver.de', 'ionos.com', 'ionos.co.uk', 'ionos.fr', 'ionos.es', '1and1.com', 'perfora.net'],
    ['perfora.net', 'kundenserver.de', '_spf-eu.ionos.com', '_spf-us.ionos.com'],
  ),
  mailbox('STRATO', ['rzone.de', 'smtp.rzone.de'], ['_spf.strato.com']),
  mailbox('OVHcloud', ['ovh.net', 'ovh.ca', 'ovhcloud.com'], ['mx.ovh.com', 'mx.ovh.ca']),
  mailbox('Gandi', ['gandi.net'], ['_mailcust.gandi.net']),
  mailbox('Infomaniak', ['infomaniak.ch', 'infomaniak.com'], ['spf.infomaniak.ch']),
  mailbox('Hostinger', ['hostinger.com', 'titan.email'], ['_spf.mail.hostinger.com', 'spf.titan.email']),
  mailbox('Namecheap Private Email', ['privateemail.com'], ['spf.privateemail.com']),
  mailbox('DreamHost', ['dreamhost.com'], ['netblocks.dreamhost.com']),
  mailbox('one.com', ['one.com'], ['_custspf.one.com']),
  mailbox('Migadu', ['migadu.com'], ['spf.migadu.com']),
  mailbox('mailbox.org', ['mailbox.org'], ['mailbox.org']),
  mailbox('Posteo', ['posteo.de']),
  mailbox('Tuta', ['tutanota.de'], ['spf.tutanota.de']),
  mailbox('Runbox', ['runbox.com'], ['spf.runbox.com']),
  mailbox('Purelymail', ['purelymail.com'], ['_spf.purelymail.com']),
  mailbox('Intermedia', ['serverdata.net', 'intermedia.net'], ['spf.intermedia.net']),
  mailbox('Hetzner', ['your-server.de']),
  mailbox('Aruba', ['aruba.it'], ['_spf.aruba.it']),
  mailbox('home.pl', ['home.pl'], ['home.pl']),
  mailbox('Loopia', ['loopia.se'], ['spf.loopia.se']),
  mailbox('Seznam', ['seznam.cz'], ['spf.seznam.cz']),
  gateway('Proofpoint', ['pphosted.com', 'ppe-hosted.com', 'gpphosted.com']),
  gateway('Mimecast', ['mimecast.com', 'mimecast.co.za', 'mimecast-offshore.com']),
  gateway('Barracuda', ['barracudanetworks.com', 'cudamail.com']),
  gateway('Cisco Secure Email', ['iphmx.com']),
  gateway('Symantec Email Security.cloud', ['messagelabs.com']),
  gateway('Trend Micro Email Security', [
    'tmes.trendmicro.com',
    'tmes.trendmicro.eu',
    'in.hes.trendmicro.com',
  ]),
  gateway('Sophos Email', ['hydra.sophos.com']),
  gateway('Hornetsecurity', ['hornetsecurity.com', 'antispameurope.com']),
  gateway('Retarus', ['retarus.com', 'retarus.de']),
  gateway('NoSpamProxy', ['cloud.nospamproxy.com']),
  gateway('SpamExperts', ['antispamcloud.com', 'spamexperts.com']),
  gateway('Vade', ['vadesecure.com']),
  gateway('MailControl', ['mailcontrol.com']),
  gateway('Fortinet FortiMail', ['fortimailcloud.com', 'fortimail.com']),
  forwarding('Cloudflare Email Routing', ['mx.cloudflare.net']),
  forwarding('ImprovMX', ['improvmx.com']),
  forwarding('Forward Email', ['forwardemail.net']),
  forwarding('Mailgun', ['mailgun.org']),
  forwarding('Twilio SendGrid', ['mx.sendgrid.net']),
  forwarding('Postmark', ['inbound.postmarkapp.com']),
]
