import { DomainError } from '#core/errors.ts'
import type { NetworkData } from './network.ts'

/** What a process has that holds no network data. */
export const NO_NETWORK_DATA: NetworkData = {
  view() {
    throw new DomainError('network-data-loading', { retryAfterS: 5 })
  },
}
