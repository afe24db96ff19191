/** What a request asks for, as its line says it. */
export interface RequestTarget {
  readonly path: string
  /** By name, decoded; the values of a parameter that is given twice are merged by a comma. */
  readonly parameters: Parameters
  /** It has a character that no request target may have. */
  readonly isMalformed: boolean
}

export type Parameters = ReadonlyMap<string, string>

/**
 * What a target may consist of: all that RFC 3986 lets stand in a path and a query, less ( and ), which the contract
 * forbids with [ ] { } | ^ and a backquote.
 *
 * The runtime hands a query on as it came but for `"`, `<` and `>`, and writes `{`, `}`, `^` and a backquote in a path as
 * their escapes; a path that came with those escapes looks the same, and there is none of ours that has them.
 */
const ALLOWED = /^[\w!$%&'*+,\-./:;=?@~]*$/
const FORBIDDEN_ESCAPES = /%(?:7B|7D|5E|60)/
/** NUL, as a URL can say it. */
const NUL = '\0'

/** Take a request's URL apart, which begins with an origin. */
export function readUrl(url: string): RequestTarget {
  return readTarget(url.slice(url.indexOf('/', 'https://'.length)))
}

/** Take a path with a query apart. */
export function readTarget(target: string): RequestTarget {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark + 1)
  const isMalformed = !ALLOWED.test(target) || FORBIDDEN_ESCAPES.test(path)
  const parameters = readParameters(query)
  return { path, parameters: parameters ?? NONE, isMalformed: isMalformed || parameters === undefined }
}

const NONE: Parameters = new Map()

/** @returns undefined when something is escaped that is no UTF-8, or NUL */
function readParameters(query: string): Parameters | undefined {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const value = decode(equals === -1 ? '' : pair.slice(equals + 1))
    if (name === undefined || value === undefined) return undefined
    const first = parameters.get(name)
    parameters.set(name, first === undefined ? value : `${first},${value}`)
  }
  return parameters
}

function decode(text: string): string | undefined {
  const plain = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!plain.includes('%')) return plain
  try {
    const decoded = decodeURIComponent(plain)
    return decoded.includes(NUL) ? undefined : decoded
  } catch {
    // What is escaped there has no meaning.
    return undefined
  }
}
