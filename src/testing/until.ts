/** Longer than anything a test waits for takes on two busy cores. */
const LIMIT_MS = 5_000
const LOOK_EVERY_MS = 2

/**
 * Wait until a condition holds.
 *
 * @throws Error when it does not within 5 s
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`it did not come to pass in ${LIMIT_MS} ms`)
    await Bun.sleep(LOOK_EVERY_MS)
  }
}
