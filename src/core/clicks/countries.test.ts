import { expect, test } from 'bun:test'
import { countryName } from './countries.ts'

test.each([
  ['US', 'United States'],
  ['GB', 'United Kingdom'],
  ['DE', 'Germany'],
  ['TJ', 'Tajikistan'],
  ['KR', 'South Korea'],
  ['HK', 'Hong Kong'],
  ['XK', 'Kosovo'],
])('%s is %s', (code, name) => {
  expect(countryName(code)).toBe(name)
})

test.each(['', 'ZZ', 'QQ', 'us', 'USA', '419', 'é!'])('%p is no country, and stays as it is', (code) => {
  expect(countryName(code)).toBe(code)
})
