import { expect, test } from 'bun:test'
import type { NetworkView } from '#core/network/network.ts'
import { rangeOf, testNetwork } from '#testing/test-network.ts'
import { clickPlaces, UNKNOWN_PLACE } from './click-places.ts'

test('a click’s place and network are told; of what is no public address nothing is', async () => {
  const view = await testNetwork([
    { name: 'sapics-country', rows: [{ ...rangeOf('8.8.8.0/24'), kind: 'country-range', country: 'US' }] },
    {
      name: 'x',
      rows: [{ ...rangeOf('8.8.0.0/16'), kind: 'as-range', asn: 15_169, country: '', name: 'Google LLC' }],
    },
    {
      name: 'lists',
      rows: [
        { ...rangeOf('8.8.8.8/32'), kind: 'listed-range', list: 'tor-exit' },
        { ...rangeOf('8.8.8.0/28'), kind: 'listed-range', list: 'vpn' },
        { ...rangeOf('8.8.8.0/24'), kind: 'listed-range', list: 'datacenter' },
      ],
    },
  ])
  const placeOf = clickPlaces(() => view)

  expect(placeOf('8.8.8.8')).toEqual({
    country: 'US',
    region: '',
    city: '',
    continent: 'NA',
    asn: 15_169,
    organization: 'Google LLC',
    network: 'tor',
  })
  expect(placeOf('::ffff:8.8.8.9').network).toBe('vpn')
  expect(placeOf('8.8.8.100').network).toBe('hosting')
  expect(placeOf('8.8.9.1')).toMatchObject({ country: '', network: '', asn: 15_169 })
  for (const ip of ['10.0.0.1', '::1', '', 'no address', '1.2.3.4.5'])
    expect(placeOf(ip)).toEqual(UNKNOWN_PLACE)
})

test('newer data answer at once, and without data nothing is known', async () => {
  const rowsOf = (country: string) => [
    { name: 'sapics-country', rows: [{ ...rangeOf('8.8.8.0/24'), kind: 'country-range' as const, country }] },
  ]
  let view: NetworkView | undefined
  const placeOf = clickPlaces(() => view)

  expect(placeOf('8.8.8.8').country).toBe('')
  view = await testNetwork(rowsOf('US'))
  expect(placeOf('8.8.8.8').country).toBe('US')
  view = await testNetwork(rowsOf('DE'))
  expect(placeOf('8.8.8.8').country).toBe('DE')
})
