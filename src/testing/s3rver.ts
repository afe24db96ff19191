import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'
import type { S3Location } from '#ports/file-store/s3-file-store.ts'

/**
 * An S3 service that others wrote, over a directory. It neither aborts uploads nor looks at every signature: those are
 * `s3-server.ts`'s to be strict about.
 */
export interface S3rverService extends AsyncDisposable {
  readonly location: S3Location
  /** Every object that is whole. */
  stored(): readonly string[]
}

const BUCKET = 'onehop'
const OBJECT_SUFFIX = '._S3rver_object'

export async function startS3rver(): Promise<S3rverService> {
  const dir = mkdtempSync(join(tmpdir(), 'onehop-s3rver-'))
  const service = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: dir,
    configureBuckets: [{ name: BUCKET, configs: [] }],
  })
  const { port }: AddressInfo = await service.run()
  return {
    location: {
      endpoint: `http://127.0.0.1:${port}`,
      bucket: BUCKET,
      region: 'us-east-1',
      accessKeyId: 'S3RVER',
      secretAccessKey: 'S3RVER',
    },
    stored: () =>
      readdirSync(join(dir, BUCKET), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith(OBJECT_SUFFIX),
      ),
    async [Symbol.asyncDispose]() {
      await service.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
