import { expect, test } from 'bun:test'
import { browserLane } from './browser-lane.ts'
import { openVisitor } from './visitor.ts'

// What the other tests rely on: that nothing wrong goes unseen.

test('a picture without a text, and text in a faint colour, are found by axe', async () => {
  await using visitor = await openVisitor(await browserLane())
  await visitor.open('/app/sign-in')
  expect(await visitor.axeViolations()).toEqual([])

  await visitor.page.evaluate(() => {
    const picture = document.createElement('img')
    picture.src = '/nothing.png'
    const text = document.createElement('p')
    text.textContent = 'faint'
    text.style.color = '#bbbbbb'
    text.style.backgroundColor = '#aaaaaa'
    document.querySelector('main')?.append(picture, text)
  })

  const found = (await visitor.axeViolations()).map((violation) =>
    violation.split(': ').slice(0, 2).join(': '),
  )
  expect(found).toEqual([
    '/app/sign-in 1280 px light: color-contrast',
    '/app/sign-in 1280 px light: image-alt',
    '/app/sign-in 1280 px dark: color-contrast',
    '/app/sign-in 390 px light: color-contrast',
    '/app/sign-in 390 px light: image-alt',
    '/app/sign-in 390 px dark: color-contrast',
  ])
}, 60_000)

test('script that the policy refuses, an exception and an unexpected answer are problems; a provoked answer is none', async () => {
  const lane = await browserLane()
  await using visitor = await openVisitor(lane, { refusals: [404] })
  await using other = await openVisitor(lane)
  for (const { page, open } of [visitor, other]) {
    await open('/app/sign-in')
    await page.evaluate(() => fetch('/api/v2/nothing').then((response) => response.status))
  }
  expect(visitor.problems()).toEqual([])
  expect(other.problems()).toEqual([expect.stringContaining('status of 404') as string])

  const { page } = visitor
  const thrown = page.waitForEvent('pageerror')
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'document.title = "broken"'
    document.body.append(script)
    setTimeout(() => {
      throw new Error('thrown by a test')
    })
  })
  await thrown

  expect(await page.title()).not.toBe('broken')
  expect(visitor.problems()).toEqual([
    expect.stringContaining('Content Security Policy') as string,
    expect.stringContaining('thrown by a test') as string,
  ])
}, 60_000)
