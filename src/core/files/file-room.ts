import { cheapestPlanForFiles } from '#core/billing/plan.ts'
import { getPlan } from '#core/billing/usage.ts'
import type { Services } from '#core/context.ts'
import { DomainError } from '#core/errors.ts'
import { findFileUsage, takeFileRoom, type FileRoom } from './upload-queries.ts'

/**
 * Count files and bytes against what a team's plan lets it keep.
 *
 * @throws DomainError `file-quota-reached`; nothing is counted then
 */
export async function useFileRoom(services: Services, teamId: number, room: FileRoom): Promise<void> {
  const plan = await getPlan(services, teamId)
  const limits = { files: plan.fileCount, bytes: plan.fileStorageBytes }
  if (await takeFileRoom(services.db, teamId, room, limits)) return
  throw await refusal(services, teamId, room)
}

/**
 * Refuse what cannot fit, before anything is stored. What can may still not fit when it is stored.
 *
 * @throws DomainError `file-quota-reached`
 */
export async function requireFileRoom(services: Services, teamId: number, room: FileRoom): Promise<void> {
  const plan = await getPlan(services, teamId)
  const used = await findFileUsage(services.db, teamId)
  const fits = (quota: keyof FileRoom, limit: number | null) =>
    limit === null || used[quota] + room[quota] <= limit
  if (!fits('files', plan.fileCount) || !fits('bytes', plan.fileStorageBytes))
    throw await refusal(services, teamId, room)
}

async function refusal(services: Services, teamId: number, room: FileRoom): Promise<DomainError> {
  const plan = await getPlan(services, teamId)
  const used = await findFileUsage(services.db, teamId)
  const isCountReached = plan.fileCount !== null && used.files + room.files > plan.fileCount
  const [quota, kind] = isCountReached
    ? (['files', 'fileCount'] as const)
    : (['bytes', 'fileStorageBytes'] as const)
  const limit = plan[kind] ?? 0
  return new DomainError('file-quota-reached', {
    quota,
    limit,
    plan: plan.name,
    recommendedPlan: cheapestPlanForFiles(services.plans, kind, limit)?.name,
  })
}
