import { expect, test } from 'bun:test'
import { secretsOf, sign } from './secrets.ts'

const MASTER = 'a master key of a test, 32 characters'

test('what is sealed opens again, and looks different every time', () => {
  const secrets = secretsOf(MASTER)
  const [one, other] = [secrets.seal('webhook', 'whsec_ä'), secrets.seal('webhook', 'whsec_ä')]

  expect(one).not.toBe(other)
  expect(one).not.toContain('whsec')
  expect(secretsOf(MASTER).open('webhook', one)).toBe('whsec_ä')
})

test('sealed text opens for its own purpose and installation alone, and only whole', () => {
  const sealed = secretsOf(MASTER).seal('webhook', 'secret')
  const changed = `${sealed.slice(0, -2)}${sealed.endsWith('A') ? 'BB' : 'AA'}`

  expect(() => secretsOf(MASTER).open('two-factor', sealed)).toThrow()
  expect(() => secretsOf(`${MASTER}!`).open('webhook', sealed)).toThrow()
  for (const text of [changed, sealed.slice(0, 10), ''])
    expect(() => secretsOf(MASTER).open('webhook', text)).toThrow()
})

test('keys of different purposes have nothing in common', () => {
  const secrets = secretsOf(MASTER)
  expect(secrets.key('jwt')).toHaveLength(32)
  expect(Buffer.from(secrets.key('jwt')).equals(secrets.key('cron'))).toBe(false)
  expect(sign(secrets, 'unsubscribe', 'a').equals(sign(secrets, 'cron', 'a'))).toBe(false)
})
