/** Where a command writes while it is at work. */
export interface Terminal {
  /** A line of the result. */
  print(line: string): void
  /** A line about what went wrong. */
  printError(line: string): void
  /** Show, in place of what was shown before, what is going on; only a person at a terminal sees it. */
  showProgress(text: string): void
}

const CLEAR_LINE = '\r\u001b[K'
/** Where the width of a terminal is not known. */
const USUAL_COLUMNS = 80
/** More often nobody can read it. */
const SHOW_EVERY_MS = 80

/** Where text goes, and whether a person reads it there. */
export interface TextOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** A terminal over the outputs of a process. Progress goes to the error output, so that the result can be piped. */
export function createTerminal(stdout: TextOutput, stderr: TextOutput): Terminal {
  let shownAtMs = -SHOW_EVERY_MS
  let isShown = false
  const clear = () => {
    if (isShown) stderr.write(CLEAR_LINE)
    isShown = false
  }
  return {
    print(line) {
      clear()
      stdout.write(`${line}\n`)
    },
    printError(line) {
      clear()
      stderr.write(`${line}\n`)
    },
    showProgress(text) {
      const nowMs = performance.now()
      if (!stderr.isTTY || nowMs - shownAtMs < SHOW_EVERY_MS) return
      shownAtMs = nowMs
      stderr.write(CLEAR_LINE + text.slice(0, (stderr.columns || USUAL_COLUMNS) - 1))
      isShown = true
    },
  }
}
