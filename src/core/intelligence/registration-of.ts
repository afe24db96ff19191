import { domainToASCII } from 'node:url'
import { getDomain } from 'tldts'
import { isIP } from 'node:net'
import type { RdapAnswer, RdapClient } from '#ports/rdap/rdap-client.ts'
import { RdapError } from '#ports/rdap/rdap-error.ts'
import type { WhoisAnswer, WhoisClient } from '#ports/whois/whois-client.ts'
import { WhoisError } from '#ports/whois/whois-error.ts'
import { registrarUrl, registrationFromRdap } from './registration-from-rdap.ts'
import { domainFromWhois } from './registration-from-domain-whois.ts'
import { networkFromWhois } from './registration-from-ip-whois.ts'
import { definedOnly } from './registration-values.ts'
import { type Registration, RegistrationError, type RegistrationTarget } from './registration.ts'

/** What asking for a registration takes: a whole `Ctx` has it. */
export interface RegistrationDeps {
  readonly rdap: RdapClient
  readonly whois: WhoisClient
}

/** WHOIS is asked when RDAP has failed, or has said nothing for so long. */
const PATIENCE_MS = 1_000
/** For what a registrar may add. */
const REGISTRAR_MS = 1_200

/** What a registry said, and how its registrar can be asked for what it leaves out. */
interface Found {
  readonly registration: Registration
  readonly askRegistrar: (signal: AbortSignal) => Promise<Registration | undefined>
}

/**
 * What the registry of a domain or address has on record, by RDAP, or by WHOIS where RDAP has no answer. Who a domain
 * belongs to its registrar is asked, where the registry does not say and the registrar is a known one.
 *
 * @param target a domain in either form, of which the part below the public suffix is asked for; or a public address
 * @returns undefined when it is not registered
 * @throws RegistrationError with any of its codes; the signal's reason when it aborts first
 */
export async function registrationOf(
  deps: RegistrationDeps,
  target: RegistrationTarget,
  signal: AbortSignal,
): Promise<Registration | undefined> {
  const asked = registered(target)
  if (asked === undefined) return undefined
  const found = await firstFound(
    (give) => fromRdap(deps.rdap, asked, give),
    (give) => fromWhois(deps.whois, asked, give),
    signal,
  )
  if (found === undefined) return undefined
  const { registration } = found
  return asked.kind === 'ip' || registration.organization !== undefined
    ? registration
    : completed(registration, await registrarsWord(found, signal))
}

/** A domain as it is registered, in ASCII; undefined for a target that nobody can have registered. */
function registered(target: RegistrationTarget): RegistrationTarget | undefined {
  if (target.kind === 'ip') return isIP(target.ip) === 0 || target.ip.includes('%') ? undefined : target
  // Line feeds and tabs are what domainToASCII leaves out.
  const ascii = /\s/.test(target.domain) ? '' : domainToASCII(target.domain.replace(/\.$/, ''))
  const domain = getDomain(ascii, { allowPrivateDomains: false })
  return domain !== null && /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}$/.test(domain)
    ? { kind: 'domain', domain }
    : undefined
}

type Ask = (signal: AbortSignal) => Promise<Found | undefined>

/** The first to answer of two, of which the second is asked when the first fails or is slow. */
function firstFound(first: Ask, second: Ask, signal: AbortSignal): Promise<Found | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Found | undefined>()
  const failures: unknown[] = []
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  let isSecondAsked = false

  const run = (ask: Ask) =>
    ask(either).then(
      (found) => {
        resolve(found)
        done.abort()
      },
      (error: unknown) => {
        failures.push(error)
        if (signal.aborted || failures.length === 2) reject(signal.aborted ? signal.reason : worst(failures))
        else askSecond()
      },
    )
  const askSecond = () => {
    if (isSecondAsked || done.signal.aborted) return
    isSecondAsked = true
    void run(second)
  }
  const timer = setTimeout(askSecond, PATIENCE_MS)
  void run(first)
  return promise.finally(() => clearTimeout(timer))
}

/** What is wrong with our code before what is wrong with a server, and a failure before the lack of a server. */
function worst(failures: readonly unknown[]): unknown {
  return (
    failures.find((failure) => !(failure instanceof RegistrationError)) ??
    failures.findLast((failure) => failure instanceof RegistrationError && failure.code !== 'unsupported') ??
    failures[0]
  )
}

async function fromRdap(
  rdap: RdapClient,
  target: RegistrationTarget,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const answer = await rdap.ask(target, signal).catch(asRegistrationError)
  if (answer === undefined) return undefined
  const registration = rdapRegistration(answer)
  return {
    registration,
    async askRegistrar(within) {
      const url = registrarUrl(answer)
      const told =
        url === undefined ? undefined : await rdap.askRegistrar(url, within).catch(asRegistrationError)
      return told === undefined ? undefined : rdapRegistration(told)
    },
  }
}

function rdapRegistration(answer: RdapAnswer): Registration {
  const registration = registrationFromRdap(answer)
  if (registration === undefined)
    throw new RegistrationError('malformed', `${answer.server} answered about something else`)
  return registration
}

async function fromWhois(
  whois: WhoisClient,
  target: RegistrationTarget,
  signal: AbortSignal,
): Promise<Found | undefined> {
  if (target.kind === 'ip') {
    const registration = networkFromWhois(await whois.askIp(target.ip, signal).catch(asRegistrationError))
    return registration && { registration, askRegistrar: () => Promise.resolve(undefined) }
  }
  const { domain } = target
  const answer = await whois.askDomain(domain, signal).catch(asRegistrationError)
  const registration = domainFromWhois(answer)
  return (
    registration && {
      registration,
      askRegistrar: async (within) => {
        const told: WhoisAnswer | undefined = await whois
          .askRegistrar(answer, domain, within)
          .catch(asRegistrationError)
        return told === undefined ? undefined : domainFromWhois(told)
      },
    }
  )
}

/** What the registrar adds, in the time that is left for it; without it, what the registry said stands. */
async function registrarsWord(found: Found, signal: AbortSignal): Promise<Registration | undefined> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), REGISTRAR_MS)
  try {
    return await found.askRegistrar(AbortSignal.any([signal, late.signal]))
  } catch (error) {
    if (error instanceof RegistrationError || signal.aborted || late.signal.aborted) return undefined
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function completed(registration: Registration, told: Registration | undefined): Registration {
  if (told === undefined) return registration
  return {
    ...definedOnly({
      registrar: told.registrar,
      organization: told.organization,
      country: told.country,
      abuseContact: told.abuseContact,
    }),
    ...registration,
  }
}

/** @throws RegistrationError for what a registry's server did, and whatever else it was as it is */
function asRegistrationError(error: unknown): never {
  if (!(error instanceof RdapError || error instanceof WhoisError)) throw error
  const { code, message } = error
  switch (code) {
    case 'no-server':
      throw new RegistrationError('unsupported', message, { cause: error })
    case 'empty':
      throw new RegistrationError('malformed', message, { cause: error })
    case 'timeout':
    case 'unreachable':
    case 'malformed':
    case 'too-many':
      throw new RegistrationError(code, message, { cause: error })
  }
}
