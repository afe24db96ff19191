import { z } from 'zod'

/**
 * A lnk7 request body: a flat object. Fields it does not know are let pass as long as they are flat too.
 */
export function flatBody<S extends z.ZodRawShape>(shape: S) {
  return z.object(shape).catchall(z.union([z.string(), z.number(), z.boolean(), z.null()]))
}
