import type { Run } from './run-queries.ts'

/** So many runs of about the same size become one. */
const FAN_IN = 8
/** Runs of the lowest size. */
const SMALLEST_CLICKS = 4096
/** A finished month has one run, and beside it so many of late clicks at most. */
const MAX_LATE_RUNS = 8

/**
 * The runs to be merged next, all of one month; undefined when there is nothing to gain. In the month that is being
 * filled runs grow eightfold at a time, so that a click is rewritten few times; a month is finished, and becomes one run,
 * when clicks of a later one have been made into a run.
 *
 * @param runs by month, and in a month by id
 */
export function chooseMerge(runs: readonly Run[]): readonly Run[] | undefined {
  const newest = runs.at(-1)?.monthMs
  for (const [monthMs, month] of Map.groupBy(runs, (run) => run.monthMs)) {
    const chosen = monthMs === newest ? ofOneSize(month) : allUnlessLate(month)
    if (chosen !== undefined) return chosen
  }
  return undefined
}

function ofOneSize(month: readonly Run[]): readonly Run[] | undefined {
  const sizes = Map.groupBy(month, ({ clicks }) =>
    clicks <= SMALLEST_CLICKS ? 0 : Math.floor(Math.log(clicks / SMALLEST_CLICKS) / Math.log(FAN_IN)),
  )
  return [...sizes.values()].find((runs) => runs.length >= FAN_IN)
}

function allUnlessLate(month: readonly Run[]): readonly Run[] | undefined {
  if (month.length < 2) return undefined
  const clicks = month.map((run) => run.clicks)
  const largest = Math.max(...clicks)
  const others = clicks.reduce((sum, count) => sum + count, 0) - largest
  return others * FAN_IN >= largest || month.length > MAX_LATE_RUNS ? month : undefined
}
