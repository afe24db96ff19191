import { randomInt } from 'node:crypto'
import type { DnsServer } from './dns-servers.ts'

/** What comes while a socket is lent. */
export interface UdpReceiver {
  readonly onMessage: (bytes: Uint8Array) => void
  readonly onError: (error: unknown) => void
}

/** A socket that is connected to a server, and one question's until it is given back. */
export interface LentSocket {
  send(bytes: Uint8Array): void
  /** @param isSound whether another question may have it: not when this one is still to be answered */
  giveBack(isSound: boolean): void
}

export interface UdpSockets {
  /**
   * Have a socket for one question.
   *
   * @throws what the system has against it
   */
  take(server: DnsServer, receiver: UdpReceiver): Promise<LentSocket>
}

interface OpenSocket {
  readonly socket: Bun.udp.ConnectedSocket<'uint8array'>
  readonly bornMs: number
  /** Undefined while it is lent to nobody. */
  receiver: UdpReceiver | undefined
  isBroken: boolean
}

/**
 * Sockets for questions, each on a port of the kernel's choice. To open and close one takes half of what a question costs,
 * so that one is lent again; but none grows older than `lifetimeMs`, and which of the free ones a question gets is
 * drawn by lot: whoever does not see the question knows no more of its port than of one that was opened for it (RFC 5452
 * §9.2).
 */
export function createUdpSockets(lifetimeMs: number): UdpSockets {
  /** Those that are lent to nobody. */
  const free = new Map<string, OpenSocket[]>()
  let timer: NodeJS.Timeout | undefined

  const isFresh = ({ bornMs, isBroken }: OpenSocket) => !isBroken && performance.now() - bornMs < lifetimeMs

  function drawFree(key: string): OpenSocket | undefined {
    const sockets = free.get(key)
    while (sockets !== undefined && sockets.length > 0) {
      const [drawn] = sockets.splice(randomInt(sockets.length), 1)
      if (drawn !== undefined && isFresh(drawn)) return drawn
      drawn?.socket.close()
    }
    return undefined
  }

  async function open(server: DnsServer): Promise<OpenSocket> {
    // The runtime's own socket: half the cost of its node:dgram. Connected, it hears that server alone, and of its absence.
    const socket = await Bun.udpSocket({
      connect: { hostname: server.address, port: server.port },
      binaryType: 'uint8array',
      socket: {
        data: (_, bytes: Uint8Array) => opened.receiver?.onMessage(bytes),
        error(error) {
          opened.isBroken = true
          opened.receiver?.onError(error)
        },
      },
    })
    // Whoever waits for an answer has a timer that keeps the process; a free socket must not.
    socket.unref()
    const opened: OpenSocket = { socket, bornMs: performance.now(), receiver: undefined, isBroken: false }
    return opened
  }

  function keep(key: string, socket: OpenSocket): void {
    const sockets = free.get(key)
    if (sockets === undefined) free.set(key, [socket])
    else sockets.push(socket)
    timer ??= setTimeout(closeOld, lifetimeMs).unref()
  }

  function closeOld(): void {
    timer = undefined
    for (const [key, sockets] of free) {
      const fresh = sockets.filter(isFresh)
      for (const socket of sockets) if (!fresh.includes(socket)) socket.socket.close()
      if (fresh.length === 0) free.delete(key)
      else free.set(key, fresh)
    }
    if (free.size > 0) timer = setTimeout(closeOld, lifetimeMs).unref()
  }

  return {
    async take(server, receiver) {
      const key = `${server.address} ${server.port}`
      const lent = drawFree(key) ?? (await open(server))
      lent.receiver = receiver
      return {
        send: (bytes) => void lent.socket.send(bytes),
        giveBack(isSound) {
          lent.receiver = undefined
          if (isSound && isFresh(lent)) keep(key, lent)
          else lent.socket.close()
        },
      }
    },
  }
}
