import { expect, test } from 'bun:test'
import { browserLane, type BrowserLane } from './browser-lane.ts'
import { openVisitor, type Visitor, type VisitorOptions } from './visitor.ts'

/** For the first test with what all of them share: the start of the server and of the browser. */
const LIMIT_MS = 60_000

/** What a test does with its visitor. */
export type BrowserTestBody = (visitor: Visitor, lane: BrowserLane) => Promise<void>

/**
 * A test with a browser of its own. However it goes about its business, the page must say nothing to the console, and its
 * policy must refuse nothing. Where it fails, a picture of the page is kept.
 */
export function browserTest(name: string, options: VisitorOptions, body: BrowserTestBody): void {
  test(
    name,
    async () => {
      const lane = await browserLane()
      await using visitor = await openVisitor(lane, options)
      await watched(name, visitor, () => body(visitor, lane))
    },
    LIMIT_MS,
  )
}

/**
 * Tests that only look: all of them have one visitor, whom the first one lets in, so that what they have in common is
 * loaded once. Otherwise as {@link browserTest}.
 */
export function sharedBrowserTest(letIn: BrowserTestBody): (name: string, body: BrowserTestBody) => void {
  let opening: Promise<Visitor> | undefined
  const open = async (lane: BrowserLane) => {
    // It is closed with the lane's browser.
    const visitor = await openVisitor(lane)
    await letIn(visitor, lane)
    return visitor
  }
  return (name, body) =>
    test(
      name,
      async () => {
        const lane = await browserLane()
        const visitor = await (opening ??= open(lane))
        await watched(name, visitor, () => body(visitor, lane))
      },
      LIMIT_MS,
    )
}

async function watched(name: string, visitor: Visitor, act: () => Promise<void>): Promise<void> {
  const before = visitor.problems().length
  try {
    await act()
    expect(visitor.problems().slice(before)).toEqual([])
  } catch (error) {
    const picture = await visitor.screenshot(name.replace(/\W+/g, '-').slice(0, 80)).catch(() => 'no picture')
    process.stderr.write(`${visitor.page.url()} ${picture}\n${visitor.problems().slice(before).join('\n')}\n`)
    throw error
  }
}
