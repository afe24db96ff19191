/** Methods of every socket of the runtime that its types leave out. */
interface PausableSocket extends Bun.Socket<unknown> {
  pause(): void
  resume(): void
}

/**
 * The way out of a socket: keeps what the other end does not take yet. Whoever sends looks at the answer, and stops
 * until {@link Outlet.drain} says that there is room again; nothing here bounds what is kept.
 */
export class Outlet {
  #socket: PausableSocket | undefined
  #kept: Uint8Array[] = []
  #isReading = true

  /** The socket is open. */
  attach(socket: Bun.Socket<unknown>): void {
    this.#socket = socket as PausableSocket
    if (!this.#isReading) this.#socket.pause()
    this.drain()
  }

  /** The socket is closed: what is sent from now on is nobody's. */
  detach(): void {
    this.#socket = undefined
    this.#kept = []
  }

  /** Bytes wait for the other end. */
  get isBlocked(): boolean {
    return this.#kept.length > 0
  }

  /**
   * Send bytes, which are the outlet's from now on.
   *
   * @returns false when some of them have to wait
   */
  send(bytes: Uint8Array): boolean {
    if (this.#kept.length === 0 && this.#socket !== undefined) {
      const sent = Math.max(0, this.#socket.write(bytes))
      if (sent === bytes.length) return true
      this.#kept.push(bytes.subarray(sent))
      return false
    }
    this.#kept.push(bytes)
    return false
  }

  /** Send the first bytes of a buffer that is used again afterwards. */
  sendShared(bytes: Uint8Array, length: number): boolean {
    const sent =
      this.#kept.length === 0 && this.#socket !== undefined
        ? Math.max(0, this.#socket.write(bytes, 0, length))
        : 0
    if (sent === length) return true
    this.#kept.push(bytes.slice(sent, length))
    return false
  }

  /**
   * Send what was kept, now that there is room.
   *
   * @returns whether everything has left
   */
  drain(): boolean {
    if (this.#kept.length === 0) return true
    const kept = this.#kept.length === 1 ? this.#kept[0] : Buffer.concat(this.#kept)
    this.#kept = []
    return kept === undefined || this.send(kept)
  }

  /** Read from the socket, or leave what comes where it is, so that the other end has to wait. */
  setReading(isReading: boolean): void {
    if (isReading === this.#isReading) return
    this.#isReading = isReading
    if (isReading) this.#socket?.resume()
    else this.#socket?.pause()
  }

  /** Say that nothing more comes. What the other end sends can still be read. */
  shutdown(): void {
    this.#socket?.shutdown()
  }

  /** Break the connection off. */
  terminate(): void {
    const socket = this.#socket
    this.detach()
    socket?.terminate()
  }
}
