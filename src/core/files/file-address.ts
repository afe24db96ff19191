import type { Services } from '#core/context.ts'
import type { SharedFile } from './file.ts'

/** Where whoever knows of a file downloads it. */
export function downloadUrl({ settings }: Services, file: Pick<SharedFile, 'publicId'>): string {
  return `${settings.baseUrl}/dl/${file.publicId}`
}
