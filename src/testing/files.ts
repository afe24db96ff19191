import { expect } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestApp, testApp, type TestAppOptions } from './test-app.ts'

/** What a form says besides its file; a list is sent field by field, the file where `FILE` stands. */
export type UploadFields = Readonly<Record<string, string>>

/** A test's account that shares files. */
export interface FileSharer extends AsyncDisposable {
  readonly app: TestApp
  readonly token: string
  /** Upload a file of some content. */
  upload(content: BlobPart, options?: UploadOptions): Promise<Response>
  /** Upload one that is taken. @returns its id */
  givenFile(content: BlobPart, options?: UploadOptions): Promise<string>
  /** The list of files as the API shows it. */
  list(): Promise<readonly ListedFile[]>
  /** What is on the disk below the directory of files. */
  stored(): readonly string[]
}

export interface UploadOptions {
  readonly name?: string
  readonly type?: string
  readonly fields?: UploadFields
  readonly token?: string
}

/** Source: contract "List Your Files". */
export interface ListedFile {
  readonly id: string
  readonly original_name: string
  readonly size: number
  readonly mime_type: string
  readonly has_password: boolean
  readonly download_count: number
  readonly created_at: string
  readonly expires_at: string | null
  readonly download_url: string
}

export async function fileSharer(
  options: TestAppOptions & { readonly plan?: string } = {},
): Promise<FileSharer> {
  const app = await testApp(options)
  const { key } = await app.givenAccount({ plan: options.plan ?? 'Pro', key: { dialect: 'lynk' } })

  const upload: FileSharer['upload'] = async (
    content,
    { name = 'report.pdf', type = '', fields = {}, token } = {},
  ) => {
    const form = new FormData()
    for (const [field, value] of Object.entries(fields)) form.set(field, value)
    form.set('file', new File([content], name, { type }))
    return app.call('POST', '/api/files', { token: token ?? key.secret, rawBody: form })
  }
  return {
    app,
    token: key.secret,
    upload,
    async givenFile(content, uploadOptions) {
      const response = await upload(content, uploadOptions)
      expect(response.status).toBe(200)
      return ((await response.json()) as { id: string }).id
    },
    async list() {
      const response = await app.call('GET', '/api/files', { token: key.secret })
      expect(response.status).toBe(200)
      return (await response.json()) as readonly ListedFile[]
    },
    stored: () => filesBelow(join(app.dir, 'files')),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

/** Every file below a directory; none when there is no directory. */
export function filesBelow(dir: string): readonly string[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
