import { getDomain } from 'tldts'

/**
 * Domains under which registrars answer for the names they sell, by WHOIS or RDAP. A registry's answer names a server of
 * the registrar's choice; it is asked when it is one of these, or a host below one.
 *
 * Source: the accredited registrars of most of the names under .com,
 * https://www.iana.org/assignments/registrar-ids
 */
const REGISTRAR_DOMAINS: ReadonlySet<string> = new Set(
  `1api.net 101domain.com 123-reg.co.uk aliyun.com alibaba.com amazon.com ascio.com bigrock.com bizcn.com blacknight.com
  bookmyname.com brandsight.com centralnicregistry.com cloudflare.com comlaude.com corporatedomains.com cps-datensysteme.de
  crazydomains.com cronon.net cscglobal.com discount-domain.com dnsimple.com domain.com domainpeople.com domaindiscover.com
  dreamhost.com dreamscapenetworks.com dynadot.com easydns.com easyspace.com encirca.com eurodns.com enom.com epik.com
  fastdomain.com gandi.net genious.net gmo.jp gname.com godaddy.com google.com hichina.com hosteurope.de hostinger.com
  hostpoint.ch hover.com inames.co.kr infomaniak.com internetx.com inwx.com inwx.net ionos.com joker.com key-systems.net
  launchpad.com markmonitor.com melbourneit.com meshdigital.com moniker.com name.com namebay.com namebright.com
  namecheap.com nameisp.com namesilo.com nameweb.biz netim.com netistrar.com netnames.com networksolutions.com
  net-chinese.com.tw nic.ru nominalia.com one.com onamae.com openprovider.com openprovider.eu opensrs.net orderbox.com
  ovh.com ovh.net pairdomains.com paragonnames.com porkbun.com psi-usa.info publicdomainregistry.com rebel.com
  reg.com reg.ru regery.com register.com register.it registrarsafe.com registrygate.com registrar.eu registrar.amazon
  regtons.com resellerclub.com rrpproxy.net safenames.net schlund.info sav.com scaleway.com soluciones.com spaceship.com
  squarespace.com squarespace.domains stablehost.com strato.de tldregistrarsolutions.com tucows.com udag.net udomain.hk
  united-domains.de uniregistrar.com uniregistrar.net vautron.de webfusion.com west.cn wildwestdomains.com wix.com
  wordpress.com xinnet.com xserver.co.jp yoursrs.com ename.com 22.cn 35.com 55hl.com dns.com.cn juming.com tencent.com
  sakura.ad.jp gabia.com hostgator.com bluehost.com web.com aruba.it combell.com transip.nl mijndomein.nl realtimeregister.com
  instra.net instra.com lexsynergy.com fabulous.com dinahosting.com arsys.es acens.com interdominios.com simply.com
  loopia.se binero.se domeneshop.no domainnameshop.com zone.eu wedos.com active24.cz forpsi.com home.pl nazwa.pl
  ultradns.com vercel.com automattic.com hetzner.com hetzner.de netcup.net domainfactory.de df.eu alfahosting.de`.split(
    /\s+/,
  ),
)

/** Whether a host is a registrar's server, as far as the list of them goes. */
export function isRegistrarHost(host: string): boolean {
  const domain = getDomain(host, { allowPrivateDomains: false })
  return domain !== null && REGISTRAR_DOMAINS.has(domain)
}
