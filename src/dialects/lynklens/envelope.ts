import type { Reply } from '#http/dialect.ts'

/** A success as lynklens writes it. Source: contract "Response Format". */
export function success(data: unknown, message = 'Success') {
  return { status: true, message, data }
}

/** Part of a list. Source: contract "Paginated Response". */
export function page(data: readonly unknown[], position: { page: number; perPage: number; total: number }) {
  const totalPages = Math.ceil(position.total / position.perPage)
  return {
    ...success(data),
    meta: {
      pagination: {
        current_page: position.page,
        per_page: position.perPage,
        total: position.total,
        total_pages: totalPages,
        has_more: position.page < totalPages,
      },
    },
  }
}

/** A failure; `errors` has messages by field. Source: contract "Error Response". */
export function failure(
  status: Reply['status'],
  message: string,
  errors: Readonly<Record<string, readonly string[]>> = {},
): Reply {
  return { status, body: { status: false, message, data: [], errors } }
}

/** `2025-12-27T10:00:00+00:00`: whole seconds of UTC. */
export function timestamp(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}+00:00`
}
