/** Rounds that may be measured for each that is wanted, by default. */
const MAX_TRIES = 4

export interface QuietRoundsOptions<Round> {
  /** How many rounds are wanted. */
  readonly rounds: number
  /** Measure one; the turn counts from 0. */
  readonly measure: (turn: number) => Promise<Round>
  /** How many cores somebody else used in a round. */
  readonly disturbance: (round: Round) => number
  /** A round is quiet when others used less than that. */
  readonly quietCores: number
  /** How many rounds may be measured for each that is wanted; 4 by default. */
  readonly maxTries?: number
}

export interface QuietRounds<Round> {
  /** As many as were wanted, the quietest first. */
  readonly rounds: readonly Round[]
  /** How many more were measured and left out. */
  readonly repeated: number
}

/** Measure rounds until enough of them were quiet, so many times as are wanted at most, and keep the quietest. */
export async function quietRounds<Round>(options: QuietRoundsOptions<Round>): Promise<QuietRounds<Round>> {
  const { rounds, measure, disturbance, quietCores, maxTries = MAX_TRIES } = options
  const measured: Round[] = []
  const isEnough = () => measured.filter((round) => disturbance(round) < quietCores).length >= rounds
  while (!isEnough() && measured.length < maxTries * rounds) measured.push(await measure(measured.length))
  const quietest = measured.toSorted((a, b) => disturbance(a) - disturbance(b)).slice(0, rounds)
  return { rounds: quietest, repeated: measured.length - quietest.length }
}
