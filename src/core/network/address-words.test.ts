import { expect, test } from 'bun:test'
import { hostMask, widestIpv4Bits } from './address-words.ts'

const MAX_WORD = 0xffff_ffff

/** Ends of the space, of its halves and of a network, and what lies beside them. */
const ADDRESSES = [
  0, 1, 2, 7, 0x0808_07ff, 0x0808_0800, 0x0808_0801, 0x0808_08fe, 0x0808_08ff, 0x0808_0900,
].concat([0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, MAX_WORD - 2, MAX_WORD - 1, MAX_WORD])

test('the largest network around an address in a range is the one that trying every length finds', () => {
  for (const address of ADDRESSES)
    for (const first of ADDRESSES.filter((one) => one <= address))
      for (const last of ADDRESSES.filter((one) => one >= address))
        expect([address, first, last, widestIpv4Bits(address, first, last)]).toEqual([
          address,
          first,
          last,
          widestByTrying(address, first, last),
        ])
})

function widestByTrying(address: number, first: number, last: number): number {
  for (let bits = 0; bits < 32; bits++)
    if ((address & ~hostMask(bits)) >>> 0 >= first && (address | hostMask(bits)) >>> 0 <= last) return bits
  return 32
}
