/** How a command ended. */
export interface CommandResult {
  readonly exitCode: number
  /** What it wrote to both outputs, in the order in which it arrived. */
  readonly output: string
  readonly seconds: number
}

/** Where and for how long a command runs. */
export interface CommandOptions {
  /** The whole environment of the command; this process's own by default. */
  readonly env?: Record<string, string | undefined>
  /** After this long the command is killed, which counts as failing. */
  readonly limitMs?: number
}

/** Run a command in the project's directory to its end. */
export async function runCommand(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { env = process.env, limitMs = 30 * 60_000 } = options
  const startedAt = performance.now()
  const child = Bun.spawn([...command], {
    cwd: ROOT,
    env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: limitMs,
    killSignal: 'SIGKILL',
  })
  const chunks: string[] = []
  const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) chunks.push(chunk)
  }
  await Promise.all([collect(child.stdout), collect(child.stderr), child.exited])
  if (child.signalCode !== null) chunks.push(`\nkilled by ${child.signalCode}\n`)
  return {
    exitCode: child.exitCode ?? 1,
    output: chunks.join(''),
    seconds: (performance.now() - startedAt) / 1000,
  }
}

/** The project's directory. */
export const ROOT = new URL('..', import.meta.url).pathname
