import { expect, test } from 'bun:test'
import { createRequestSlots } from './request-slots.ts'

const FOREVER = new AbortController().signal

test('those who wait are let in first come, first served', async () => {
  const slots = createRequestSlots({ total: 1, perHost: 1 })
  const order: string[] = []
  const first = await slots.take('a', FOREVER)
  const others = ['b', 'c', 'd'].map(async (host) => {
    using _slot = await slots.take(host, FOREVER)
    order.push(host)
  })

  expect(order).toEqual([])
  first[Symbol.dispose]()
  await Promise.all(others)

  expect(order).toEqual(['b', 'c', 'd'])
})

test('whoever waits for a busy host does not keep others from theirs', async () => {
  const slots = createRequestSlots({ total: 2, perHost: 1 })
  const held = await slots.take('slow', FOREVER)
  const waiting = Array.from({ length: 10 }, () => slots.take('slow', FOREVER))

  using _slot = await slots.take('fast', FOREVER)
  held[Symbol.dispose]()
  for (const turn of waiting) (await turn)[Symbol.dispose]()
})

test('giving up leaves the queue and takes nothing with it', async () => {
  const slots = createRequestSlots({ total: 1, perHost: 1 })
  for (const held of ['a', 'b']) {
    const slot = await slots.take(held, FOREVER)
    const controller = new AbortController()
    const given = slots.take('a', controller.signal).catch((error: unknown) => error)
    controller.abort(new Error('no time'))

    expect(await given).toEqual(new Error('no time'))
    slot[Symbol.dispose]()
    const after = await slots.take('a', FOREVER)
    after[Symbol.dispose]()
  }
  const aborted = AbortSignal.abort(new Error('too late'))
  expect(await slots.take('a', aborted).catch((error: unknown) => error)).toEqual(new Error('too late'))
  using _slot = await slots.take('a', FOREVER)
})
