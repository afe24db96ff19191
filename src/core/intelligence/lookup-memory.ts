import { LRUCache } from 'lru-cache'
import type { Certificate } from './certificate.ts'
import type { LookupReport } from './lookup-report.ts'

/** A certificate is shown again for so long; sites change theirs every few weeks. */
const CERTIFICATE_MS = 10 * 60 * 1000
const MAX_CERTIFICATES = 2_000

/**
 * What lookups of this process share: the ones under way, and certificates that were seen lately. Answers of the DNS and of
 * registries are kept where they are asked for, each as long as its source allows.
 */
export class LookupMemory {
  readonly #running = new Map<string, Promise<LookupReport>>()
  readonly #certificates: LRUCache<string, Certificate>

  /** @param nowMs the clock that certificates age by */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#certificates = new LRUCache({
      max: MAX_CERTIFICATES,
      ttl: CERTIFICATE_MS,
      perf: { now: nowMs },
      ttlResolution: 0,
    })
  }

  /** The outcome of the run that is under way for a key, or of a new one. */
  shareRun<T extends LookupReport>(key: string, run: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key)
    // A key stands for one kind of report.
    if (running !== undefined) return running as Promise<T>
    const started = run().finally(() => this.#running.delete(key))
    this.#running.set(key, started)
    return started
  }

  /** The certificate of a server, lately or now. */
  async certificate(key: string, look: () => Promise<Certificate>): Promise<Certificate> {
    const known = this.#certificates.get(key)
    if (known !== undefined) return known
    const found = await look()
    this.#certificates.set(key, found)
    return found
  }
}
