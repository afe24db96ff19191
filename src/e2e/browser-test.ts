import { expect, test } from 'bun:test'
import { browserLane, type BrowserLane } from './browser-lane.ts'
import { openVisitor, type Visitor, type VisitorOptions } from './visitor.ts'

/** For the first test with what all of them share: the start of the server and of the browser. */
const LIMIT_MS = 60_000

/**
 * A test with a browser of its own. However it goes about its business, the page must say nothing to the console, and its
 * policy must refuse nothing. Where it fails, a picture of the page is kept.
 */
export function browserTest(
  name: string,
  options: VisitorOptions,
  body: (visitor: Visitor, lane: BrowserLane) => Promise<void>,
): void {
  test(
    name,
    async () => {
      const lane = await browserLane()
      await using visitor = await openVisitor(lane, options)
      try {
        await body(visitor, lane)
        expect(visitor.problems()).toEqual([])
      } catch (error) {
        const picture = await visitor
          .screenshot(name.replace(/\W+/g, '-').slice(0, 80))
          .catch(() => 'no picture')
        process.stderr.write(`${visitor.page.url()} ${picture}\n${visitor.problems().join('\n')}\n`)
        throw error
      }
    },
    LIMIT_MS,
  )
}
