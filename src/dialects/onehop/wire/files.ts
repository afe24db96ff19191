import { z } from 'zod'
import { body, instant, text } from './fields.ts'

export const FileLinkNew = body({ slug: text.nullish() })
export type FileLinkNew = z.infer<typeof FileLinkNew>

export const FileLink = z
  .object({
    id: z.string(),
    slug: z.string(),
    short_url: z.string(),
    target: z.string().nullable(),
    title: z.string().nullable(),
    expires_at: instant.nullable(),
  })
  .meta({ id: 'FileLink' })
export type FileLink = z.infer<typeof FileLink>

export const SharedFile = z
  .object({
    id: z.string().meta({ description: 'Whoever knows it can download the file.' }),
    name: z.string(),
    size_bytes: z.int(),
    media_type: z.string(),
    has_password: z.boolean(),
    download_count: z.int(),
    created_at: instant,
    expires_at: instant.nullable(),
    download_url: z.string(),
    link: z
      .object({ id: z.string(), slug: z.string(), short_url: z.string() })
      .nullable()
      .meta({ description: 'The short link it was given.' }),
  })
  .meta({ id: 'File' })
export type SharedFile = z.infer<typeof SharedFile>

/** The fields of an upload's form. */
export const FileForm = z.object({
  file: z.string().meta({ format: 'binary' }),
  password: z.string().optional(),
  email: z.string().optional().meta({ description: 'Who is mailed the address of the download.' }),
  expires_in_days: z.string().optional().meta({ description: '1 to 3650, or `evergreen`, as when absent.' }),
})
export type FileForm = z.infer<typeof FileForm>
