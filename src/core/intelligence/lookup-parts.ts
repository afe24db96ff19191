import { DnsError } from '#ports/dns/dns-error.ts'
import { TlsProbeError } from '#ports/tls-probe/tls-probe-error.ts'
import { RegistrationError } from './registration.ts'

/** Something that a lookup asks the outside for. */
export type PartName =
  | 'addresses'
  | 'reverse-dns'
  | 'dns-records'
  | 'mail-provider'
  | 'registration'
  | 'certificate'
  | 'ip-blocklists'
  | 'domain-blocklists'
  | 'mx-blocklists'

/** Why a part of a lookup is missing: `timeout`, `unreachable`, or what else its source calls it. */
export interface PartFailure {
  readonly part: PartName
  readonly reason: string
}

/** How long what has a deadline of its own may take to say what it has, once that has passed. */
const GRACE_MS = 150

/**
 * The parts of one lookup, each with a deadline of its own, all with one together. What fails is noted and missing; a
 * bug is thrown.
 */
export class LookupParts implements Disposable {
  readonly #failures: PartFailure[] = []
  readonly #end = new AbortController()
  readonly #timer: NodeJS.Timeout

  /** @param limitMs for all parts together, what they wait for one another included */
  constructor(limitMs: number) {
    this.#timer = setTimeout(() => this.#end.abort(new PartError('timeout')), limitMs)
  }

  get failures(): readonly PartFailure[] {
    return this.#failures
  }

  /**
   * Do one part.
   *
   * @param limitMs when its signal aborts; a part that does not heed it is left behind soon after
   * @returns undefined when it failed
   */
  async do<T>(
    part: PartName,
    limitMs: number,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const controller = new AbortController()
    const { promise: late, reject } = Promise.withResolvers<never>()
    let grace: NodeJS.Timeout | undefined
    const abort = () => {
      const reason = new PartError('timeout')
      controller.abort(reason)
      grace ??= setTimeout(() => reject(reason), GRACE_MS)
    }
    const timer = setTimeout(abort, limitMs)
    if (this.#end.signal.aborted) abort()
    else this.#end.signal.addEventListener('abort', abort, { once: true })
    try {
      return await Promise.race([run(controller.signal), late])
    } catch (error) {
      this.#failures.push({ part, reason: reasonOf(error, controller.signal) })
      return undefined
    } finally {
      clearTimeout(timer)
      clearTimeout(grace)
      this.#end.signal.removeEventListener('abort', abort)
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

/** A part of a lookup that has no answer, for a reason such as `refused`. */
export class PartError extends Error {
  override readonly name = 'PartError'
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.reason = reason
  }
}

/** @throws the error itself when it is none that a source has */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (error instanceof PartError) return error.reason
  if (error instanceof DnsError) return signal.aborted ? 'timeout' : error.reason
  if (error instanceof TlsProbeError || error instanceof RegistrationError) return error.code
  throw error
}
