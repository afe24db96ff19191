/** How exact the time of last use is: what is used all the time is not written at every request. */
export const LAST_USED_STEP_MS = 60_000
