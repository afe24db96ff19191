import { Outlet } from './outlet.ts'

/** Connections to the internal server that may be on their way at once: it takes in 512 in one turn of the event loop. */
const MAX_PENDING = 200

export interface InternalLinkEvents {
  onData(bytes: Buffer): void
  /** Everything that was sent has left. */
  onDrained(): void
  /** The other end is gone; not told of a link that was closed on this one. */
  onClosed(): void
}

/** A connection to the internal server. It can be written to at once. */
export interface InternalLink {
  readonly outlet: Outlet
  close(): void
}

/** Makes connections to the internal server. */
export interface InternalLinks {
  open(events: InternalLinkEvents): InternalLink
}

/** What a connection's socket knows of it. */
interface Link {
  readonly outlet: Outlet
  readonly events: InternalLinkEvents
  isClosed: boolean
  isPending: boolean
}

/**
 * Connections to the server that listens on a Unix socket.
 *
 * @param onError told of what an event's receiver throws, which is a bug
 */
export function internalLinks(path: string, onError: (error: unknown) => void): InternalLinks {
  const waiting: Link[] = []
  let pending = 0

  function connect(link: Link): void {
    pending++
    link.isPending = true
    // What it rejects with was told to connectError already.
    Bun.connect({ unix: path, data: link, socket: handlers }).catch(() => {})
  }

  function settle(link: Link): void {
    if (!link.isPending) return
    link.isPending = false
    pending--
    let next = waiting.shift()
    while (next?.isClosed === true) next = waiting.shift()
    if (next !== undefined) connect(next)
  }

  function lose(link: Link): void {
    settle(link)
    link.outlet.detach()
    if (link.isClosed) return
    link.isClosed = true
    link.events.onClosed()
  }

  const handlers: Bun.SocketHandler<Link> = {
    open(socket) {
      const link = socket.data
      settle(link)
      if (link.isClosed) {
        socket.terminate()
        return
      }
      link.outlet.attach(socket)
      if (!link.outlet.isBlocked) link.events.onDrained()
    },
    data(socket, bytes) {
      if (!socket.data.isClosed) socket.data.events.onData(bytes)
    },
    drain(socket) {
      const { outlet, events, isClosed } = socket.data
      if (!isClosed && outlet.drain()) events.onDrained()
    },
    close: (socket) => lose(socket.data),
    // Told at once, when whoever opens the link does not have it yet.
    connectError: (socket) => void setImmediate(lose, socket.data),
    error: (_, error) => onError(error),
  }

  return {
    open(events) {
      const link: Link = { outlet: new Outlet(), events, isClosed: false, isPending: false }
      if (pending < MAX_PENDING) connect(link)
      else waiting.push(link)
      return {
        outlet: link.outlet,
        close() {
          link.isClosed = true
          link.outlet.terminate()
        },
      }
    },
  }
}
