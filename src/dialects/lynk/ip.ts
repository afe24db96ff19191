import { Hono } from 'hono'
import type { LookupAccess } from '#core/billing/lookup-access.ts'
import type { LookupCredits } from '#core/billing/lookup-credits.ts'
import { takePublicUse, takePublicUseAtOnce } from '#core/billing/lookup-limits.ts'
import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { describeRecord } from '#core/intelligence/address-report.ts'
import { lookUpTarget } from '#core/intelligence/look-up-target.ts'
import type { LookupMode } from '#core/intelligence/lookup-report.ts'
import { isMe, parseLookupTarget } from '#core/intelligence/lookup-target.ts'
import { requireAbility } from '#core/permissions.ts'
import {
  type AnswersAtOnce,
  type Env,
  EXPOSED_HEADERS,
  type RawRequest,
  type RequestScope,
} from '#http/dialect.ts'
import { ByteBuffer } from '#http/byte-buffer.ts'
import { JsonBuffer } from '#http/json-buffer.ts'
import { latin1 } from '#http/request-head.ts'
import { appendRateLimitLines } from '#http/rate-limit-headers.ts'
import type { ReadyAnswer } from '#http/ready-answer.ts'
import { queryText } from '#http/read-query.ts'
import { credentialOf, keyOf } from './credential.ts'
import { readPlainTargetLookup } from './plain-target-lookup.ts'
import { ipToWire, reportToWire } from '#http/lookup-wire/ip-report.ts'
import { writeAddress } from '#http/lookup-wire/write-address.ts'

export interface IpOptions {
  readonly services: Services
  readonly access: LookupAccess
  readonly credits: LookupCredits
}

const MODES: readonly LookupMode[] = ['lite', 'full']

/** What the contract names IP and domain intelligence: everything that is known of an address or a domain. */
export function ip({ access, credits }: IpOptions): Hono<Env> {
  return new Hono<Env>().get('/lookup/:target', async (c) => {
    const { ctx } = c.var
    const { teamId } = requireAbility(ctx.actor, 'network:read')
    await takePublicUse(ctx, 'target-lookup', c.env.client.limitKey)
    const mode = parseMode(queryText(c.req, 'mode'))
    const query = c.req.param('target')
    const target = parseLookupTarget(query, c.env.client.ip)
    // Refused here, it costs nothing; from there on there is always an answer.
    ctx.network.view()
    await credits.take(teamId, false)
    const key = credentialOf(c.req.url, c.req.header('authorization') ?? '')
    // Known from now on, so that the next can be answered at once.
    if (mode === 'lite' && key !== undefined) await access.byKey(key)
    const report = await lookUpTarget(ctx, target, { mode })
    return c.json({ query, ...reportToWire(report), mode })
  })
}

function parseMode(text = 'full'): LookupMode {
  const mode = MODES.find((name) => name === text)
  if (mode === undefined)
    throw new DomainError('invalid-parameter', { parameter: 'mode', problem: 'must be lite or full' })
  return mode
}

const PREFIX = '/ip/v1/lookup/'
const READY_HEADERS = Buffer.from(
  [
    ['Access-Control-Allow-Origin', '*'],
    ['Access-Control-Expose-Headers', EXPOSED_HEADERS.join(',')],
    ['Cache-Control', 'no-store'],
    ['Content-Type', 'application/json'],
  ]
    .map(([name, value]) => `\r\n${name}: ${value}`)
    .join(''),
  'latin1',
)

/** Lookups of addresses in local data, answered from the bytes of the request for callers who are known. */
export function ipAtOnce({ services, access, credits }: IpOptions): AnswersAtOnce {
  const json = new JsonBuffer()
  const headers = new ByteBuffer()

  function answer(request: RawRequest, scope: RequestScope): ReadyAnswer | Promise<void> | undefined {
    const { head, bytes, mayWait } = request
    const asked = readPlainTargetLookup(head, bytes, head.targetStart + PREFIX.length)
    if (asked === undefined) return undefined
    const { targetStart, targetEnd, keyStart, keyEnd } = asked
    const authorization = request.header('authorization')
    if (authorization === undefined && keyEnd === 0) return undefined
    const key = () => keyOf(authorization ?? '', latin1(bytes, keyStart, keyEnd)) ?? ''
    const caller =
      authorization === undefined ? access.knownByKeyBytes(bytes, keyStart, keyEnd) : access.knownByKey(key())
    if (caller === undefined) return mayWait ? access.renewKey(key()) : undefined
    let teamId: number
    let body: ReadyAnswer['body']
    try {
      teamId = requireAbility(caller.actor, 'network:read').teamId
      const query = latin1(bytes, targetStart, targetEnd)
      const view = services.network.view()
      const record = view.lookUpText(isMe(query) ? scope.client.ip : query)
      if (record === undefined) return undefined
      json.clear()
      json.raw('{"query":').text(query).raw(',"type":"ip",')
      if (writeAddress(json, view, record)) body = json.raw(',"errors":{},"mode":"lite"}')
      else body = JSON.stringify({ query, ...ipToWire(describeRecord(view, record)), mode: 'lite' })
    } catch {
      // Whatever it is, it happens again on the other way, which tells the client and the log.
      return undefined
    }
    const use = takePublicUseAtOnce(services.rateLimiter, 'target-lookup', scope.client.limitKey)
    if (use === undefined || !use.state.allowed) return undefined
    if (!credits.takeAtOnce(teamId)) {
      use.giveBack()
      return mayWait ? credits.provide(teamId) : undefined
    }
    scope.logged.actor = caller.actor
    headers.clear()
    headers.append(READY_HEADERS)
    appendRateLimitLines(headers, use.state)
    return { headers, body }
  }

  return { prefix: PREFIX, answer }
}
