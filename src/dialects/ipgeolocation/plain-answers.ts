import type { Services } from '#core/context.ts'
import { getAs, getAsnOfIp } from '#core/network/look-up.ts'
import type { AsRecord, NetworkView } from '#core/network/network.ts'
import { parseAsn } from '#core/network/parse-target.ts'
import { asnToWire, type AsnQuery } from './asn-lookup.ts'

/** Of records that take some hundred bytes each. */
const MAX_REMEMBERED = 10_000

/**
 * Answers in JSON to lookups without further wishes, which nearly all are. A system's record is put together once for each
 * state of the data: finding, collecting and writing it takes as long as everything else together.
 */
export class PlainAnswers {
  readonly #services: Services
  readonly #records = new Map<number, string>()
  #view: NetworkView | undefined

  constructor(services: Services) {
    this.#services = services
  }

  /**
   * The body of an answer, the same that `lookUpAsn` leads to.
   *
   * @throws DomainError as `lookUpAsn` does
   */
  write(target: AsnQuery['target']): string {
    const services = this.#services
    const view = services.network.view()
    if (view !== this.#view) {
      this.#view = view
      this.#records.clear()
    }
    if ('asn' in target) {
      const asn = parseAsn(target.asn)
      return `{"asn":${this.#records.get(asn) ?? this.#remember(getAs(services, target.asn))}}`
    }
    const { ip, asn } = getAsnOfIp(services, target.ip)
    return `{"ip":"${ip}","asn":${this.#records.get(asn) ?? this.#remember(getAs(services, String(asn)))}}`
  }

  #remember(as: AsRecord): string {
    const record = JSON.stringify(asnToWire(as))
    if (this.#records.size >= MAX_REMEMBERED) this.#records.clear()
    this.#records.set(as.asn, record)
    return record
  }
}
