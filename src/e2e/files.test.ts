import { expect } from 'bun:test'
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDir } from '#testing/temporary-dir.ts'
import { browserTest } from './browser-test.ts'

const SIZE_BYTES = 50 * 1024 * 1024

browserTest('a file of 50 MiB is sent up with progress, and comes down as it was', {}, async (visitor) => {
  using dir = temporaryDir()
  const path = join(dir.path, 'large.bin')
  const bytes = randomBytes(SIZE_BYTES)
  writeFileSync(path, bytes)
  const { page } = visitor
  await visitor.signUp()
  await visitor.open('/app/files')

  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose files' }).click()
  await (await chooser).setFiles(path)
  await page.getByRole('button', { name: /^upload/i }).click()
  await page.getByLabel('Uploaded', { exact: true }).waitFor()

  await page.getByRole('rowheader', { name: /large\.bin/ }).waitFor()
  const { data } = await visitor.call<{ data: { download_url: string; size_bytes: number }[] }>(
    'GET',
    '/files',
  )
  expect(data.map((file) => file.size_bytes)).toEqual([SIZE_BYTES])
  const answer = await fetch(data[0]?.download_url ?? '')
  const hash = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
  expect(hash(await answer.bytes())).toBe(hash(bytes))
})
