import { useSyncExternalStore } from 'react'
import type { QueryClient } from '@tanstack/react-query'
import { ApiError, apiUrl, messageOf } from './client.ts'
import type { SharedFile } from './files.ts'

/** What is asked for beside the files themselves. */
export interface UploadWish {
  readonly password: string
  /** Where the link is sent to; nowhere when empty. */
  readonly email: string
  /** Days until it is deleted, or `evergreen`. */
  readonly expiresInDays: string
}

/** A file on its way. */
export interface Upload {
  readonly id: number
  readonly name: string
  readonly sizeBytes: number
  readonly sentBytes: number
  readonly state: 'waiting' | 'sending' | 'done' | 'failed'
  readonly problem?: string
  readonly file?: SharedFile
}

/** Sent side by side; more would only share the same line. */
const MAX_SENDING = 2

interface Job {
  readonly content: File
  readonly wish: UploadWish
  readonly client: QueryClient
  request?: XMLHttpRequest
}

// It outlives the page: a file goes on being sent while something else is looked at.
let uploads: readonly Upload[] = []
const jobs = new Map<number, Job>()
const listeners = new Set<() => void>()
let lastId = 0

/** Files on their way, and those that arrived and were not put aside, the latest first. */
export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => uploads,
  )
}

/** Send files, a few at a time. */
export function startUploads(files: readonly File[], wish: UploadWish, client: QueryClient): void {
  for (const content of files) {
    lastId += 1
    jobs.set(lastId, { content, wish, client })
    const { name, size } = content
    change([{ id: lastId, name, sizeBytes: size, sentBytes: 0, state: 'waiting' }, ...uploads])
  }
  sendNext()
}

/** Stop sending a file, or put one aside that is done with. */
export function dismissUpload(id: number): void {
  jobs.get(id)?.request?.abort()
  jobs.delete(id)
  change(uploads.filter((upload) => upload.id !== id))
  sendNext()
}

/** Try again what failed. */
export function retryUpload(id: number): void {
  update(id, { state: 'waiting', sentBytes: 0 })
  sendNext()
}

function sendNext(): void {
  while (uploads.filter(({ state }) => state === 'sending').length < MAX_SENDING) {
    const next = uploads.findLast(({ state }) => state === 'waiting')
    const job = next && jobs.get(next.id)
    if (next === undefined || job === undefined) break
    send(next.id, job)
  }
  const isLeavingBad = uploads.some(({ state }) => state === 'waiting' || state === 'sending')
  window.onbeforeunload = isLeavingBad ? (event) => event.preventDefault() : null
}

/** By `XMLHttpRequest`: `fetch` does not tell how much has been sent. */
function send(id: number, job: Job): void {
  const request = new XMLHttpRequest()
  job.request = request
  update(id, { state: 'sending' })
  request.upload.onprogress = ({ loaded, total }) => {
    const { sizeBytes = 0 } = uploads.find((upload) => upload.id === id) ?? {}
    // The form around the file counts too.
    update(id, { sentBytes: Math.round(sizeBytes * (loaded / total)) })
  }
  request.onload = () => {
    const answer = parse(request.responseText)
    if (request.status === 201) {
      const file = answer as unknown as SharedFile
      update(id, { state: 'done', sentBytes: file.size_bytes, file })
      jobs.delete(id)
      void job.client.invalidateQueries({ queryKey: ['files'] })
      void job.client.invalidateQueries({ queryKey: ['usage'] })
    } else update(id, { state: 'failed', problem: messageOf(new ApiError(request.status, answer)) })
    sendNext()
  }
  request.onerror = () => {
    update(id, { state: 'failed', problem: 'The connection broke off.' })
    sendNext()
  }
  request.open('POST', apiUrl('/files'))
  request.setRequestHeader('accept', 'application/json')
  request.send(formOf(job))
}

/** The file last: what is wrong with the rest is then refused before it is sent. */
function formOf({ content, wish }: Job): FormData {
  const form = new FormData()
  if (wish.password !== '') form.set('password', wish.password)
  if (wish.email !== '') form.set('email', wish.email)
  form.set('expires_in_days', wish.expiresInDays)
  form.set('file', content)
  return form
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) {
      const { errors } = value as { readonly errors?: readonly { field: string; detail: string }[] }
      const [first] = errors ?? []
      // There is no form any more that it could be shown beside.
      return { ...value, ...(first && { detail: `${first.field} ${first.detail}.` }) }
    }
  } catch {
    // A proxy's page: the status is all there is.
  }
  return {}
}

function update(id: number, changes: Partial<Upload>): void {
  change(uploads.map((upload) => (upload.id === id ? { ...upload, ...changes } : upload)))
}

function change(next: readonly Upload[]): void {
  uploads = next
  for (const listener of listeners) listener()
}
