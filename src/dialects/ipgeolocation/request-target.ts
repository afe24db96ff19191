/** What a request asks for, as its line says it. */
export interface RequestTarget {
  readonly path: string
  readonly parameters: URLSearchParams
  /** It has a character that no request target may have. */
  readonly isMalformed: boolean
}

/**
 * What the contract forbids in a URL: ( ) [ ] { } | ^ `, and what RFC 3986 knows no more than these: " < > \ and #.
 *
 * The runtime hands a query on as it came but for `"`, `<` and `>`, and writes `{`, `}`, `^` and a backquote in a path as
 * their escapes; a path that came with those escapes looks the same, and there is none of ours that has them.
 */
const FORBIDDEN = /[()[\]{}|^`"<>\\#]/
const FORBIDDEN_ESCAPES = /%(?:7B|7D|5E|60)/
/** A percent sign that escapes nothing, and what decodes to nothing: NUL, and bytes that are no UTF-8. */
const BAD_ESCAPE = /%(?![0-9a-f]{2})|%00/i

/** Take a request's URL apart, which begins with an origin. */
export function readTarget(url: string): RequestTarget {
  const start = url.indexOf('/', 8)
  const mark = url.indexOf('?', start)
  const end = mark === -1 ? url.length : mark
  const path = url.slice(start, end)
  const query = url.slice(end + 1)
  const parameters = new URLSearchParams(query)
  return {
    path,
    parameters,
    isMalformed:
      FORBIDDEN.test(path) ||
      FORBIDDEN.test(query) ||
      FORBIDDEN_ESCAPES.test(path) ||
      (query.includes('%') && (BAD_ESCAPE.test(query) || hasUndecodable(parameters))),
  }
}

function hasUndecodable(parameters: URLSearchParams): boolean {
  for (const [name, value] of parameters) if (name.includes('\uFFFD') || value.includes('\uFFFD')) return true
  return false
}
