import { randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Tells the internal server whom a request came from: the secret, a blank, the address. Never passed on from outside. */
const PEER_HEADER = 'x-onehop-peer'

/** Where the front finds the server behind it, and by what that one knows the front. */
export interface InternalAddress extends Disposable {
  /** A Unix socket's address. */
  readonly path: string
  readonly secret: string
}

/**
 * An address of its own for a process: on Linux a name without a file, which ends with the process however that ends;
 * elsewhere a file in a directory that only this user can read.
 */
export function internalAddress(): InternalAddress {
  const secret = randomBytes(32).toString('base64url')
  const dir = process.platform === 'linux' ? undefined : mkdtempSync(join(tmpdir(), 'onehop-'))
  return {
    path: dir === undefined ? `\0onehop-${randomBytes(16).toString('hex')}` : join(dir, 'http'),
    secret,
    [Symbol.dispose]() {
      if (dir !== undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Tells the front how long an answer is whose length the runtime does not pass on. Never passed on to the outside. */
export const LENGTH_HEADER = 'x-onehop-length'

/**
 * Tell the front the length an answer announces: the runtime sends a stream in chunks, whatever its headers say
 * (oven-sh/bun#10507), and a download without its length shows no progress.
 */
export function announceLength(answer: Response): Response {
  const length = answer.headers.get('content-length')
  if (length !== null && answer.body !== null) answer.headers.set(LENGTH_HEADER, length)
  return answer
}

/** Whether a header, named in small letters, is one only the front may send. */
export function isPeerHeader(name: string): boolean {
  return name === PEER_HEADER
}

/** The header line by which the front vouches for an address, with its line end. */
export function peerLine({ secret }: InternalAddress, ip: string): string {
  return `${PEER_HEADER}: ${secret} ${ip}\r\n`
}

/**
 * Take the address that the front vouches for out of a request's headers.
 *
 * @returns undefined for a request that did not come through the front
 */
export function takePeer(headers: Headers, { secret }: InternalAddress): string | undefined {
  const [given = '', ip] = (headers.get(PEER_HEADER) ?? '').split(' ')
  headers.delete(PEER_HEADER)
  const isOurs = given.length === secret.length && timingSafeEqual(Buffer.from(given), Buffer.from(secret))
  return isOurs ? ip : undefined
}
