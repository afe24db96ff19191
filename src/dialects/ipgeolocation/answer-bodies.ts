import type { Services } from '#core/context.ts'
import { getAs, getAsnOfAddress, getAsnOfIp } from '#core/network/look-up.ts'
import type { NetworkView } from '#core/network/network.ts'
import { parseAsn } from '#core/network/parse-target.ts'
import { ByteBuffer, type WrittenBytes } from '#http/byte-buffer.ts'
import { parseIpBytes } from '#ports/geo/parse-ip.ts'
import { asnToWire, type AsnQuery } from './asn-lookup.ts'

/** Of records that take some hundred bytes each. */
const MAX_REMEMBERED = 10_000

const IP = Buffer.from('{"ip":"')
const ASN_BESIDE_IP = Buffer.from('","asn":')
const ASN_ALONE = Buffer.from('{"asn":')
const END = Buffer.from('}')

const words = new Uint32Array(4)

/**
 * Answers in JSON to lookups without further wishes, which nearly all are. A system's record is put together once for each
 * state of the data: finding, collecting and writing it takes as long as everything else together.
 */
export class AnswerBodies {
  readonly #services: Services
  readonly #records = new Map<number, Buffer>()
  readonly #body = new ByteBuffer()
  #view: NetworkView | undefined

  constructor(services: Services) {
    this.#services = services
  }

  /**
   * The body of an answer, the same that `lookUpAsn` leads to.
   *
   * @throws DomainError as `lookUpAsn` does
   */
  write(target: AsnQuery['target']): WrittenBytes {
    if ('asn' in target) {
      this.#body.clear()
      this.#body.append(ASN_ALONE)
      return this.#end(parseAsn(target.asn))
    }
    const { ip, asn } = getAsnOfIp(this.#services, target.ip)
    const text = Buffer.from(ip, 'latin1')
    return this.#writeBesideIp(text, 0, text.length, asn)
  }

  /**
   * The same for an address that stands in some bytes.
   *
   * @returns undefined for what is no IPv4 address
   * @throws DomainError as `lookUpAsn` does
   */
  writeIpv4(bytes: Buffer, start: number, end: number): WrittenBytes | undefined {
    if (parseIpBytes(bytes, start, end, words) !== 4) return undefined
    // Four decimal numbers can be written in one way only, which is that of the answer.
    return this.#writeBesideIp(bytes, start, end, getAsnOfAddress(this.#services, 4, words))
  }

  #writeBesideIp(ip: Buffer, start: number, end: number, asn: number): WrittenBytes {
    this.#body.clear()
    this.#body.append(IP)
    this.#body.append(ip, start, end)
    this.#body.append(ASN_BESIDE_IP)
    return this.#end(asn)
  }

  #end(asn: number): WrittenBytes {
    this.#body.append(this.#record(asn))
    this.#body.append(END)
    return this.#body
  }

  #record(asn: number): Buffer {
    const view = this.#services.network.view()
    if (view !== this.#view) {
      this.#view = view
      this.#records.clear()
    }
    return this.#records.get(asn) ?? this.#remember(asn)
  }

  #remember(asn: number): Buffer {
    const record = Buffer.from(JSON.stringify(asnToWire(getAs(this.#services, String(asn)))))
    if (this.#records.size >= MAX_REMEMBERED) this.#records.clear()
    this.#records.set(asn, record)
    return record
  }
}
