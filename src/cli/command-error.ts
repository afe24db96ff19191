/** What a command cannot do, as a sentence for whoever typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** 1: it failed; 2: it was called or configured wrongly. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2) {
    super(message)
    this.exitCode = exitCode
  }
}
