import { readdirSync, readFileSync } from 'node:fs'

/** The kernel counts processor time in hundredths of a second on every Linux that Bun runs on. */
const TICKS_PER_SECOND = 100
/** Of `/proc/PID/stat`, counted behind the program's name. */
const UTIME = 11
const STIME = 12
/** Of the first line of `/proc/stat`. */
const STEAL = 7

/** Processor time that all threads of some processes have used, those that have ended included, in seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(`/proc/${pid}/stat`), 0) / TICKS_PER_SECOND
}

/** Processor time that the first thread of a process has used, in seconds. */
export function mainThreadCpuSeconds(pid: number): number {
  return ticksOf(`/proc/${pid}/task/${pid}/stat`) / TICKS_PER_SECOND
}

/** Processor time that the whole machine has spent on work, in seconds. */
export function machineCpuSeconds(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = machineTicks()
  return (user + nice + system + irq + softIrq + steal) / TICKS_PER_SECOND
}

/** Of which a virtual machine had to wait, because its host gave the processor to others, in seconds. */
export function stolenCpuSeconds(): number {
  return (machineTicks()[STEAL] ?? 0) / TICKS_PER_SECOND
}

export interface MemoryFigures {
  readonly nowMib: number
  readonly peakMib: number
}

/** Resident memory of some processes together. */
export function memoryFigures(pids: readonly number[]): MemoryFigures {
  const sum = (name: string) =>
    pids.reduce((total, pid) => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return total + Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    }, 0) / 1024
  return { nowMib: sum('VmRSS'), peakMib: sum('VmHWM') }
}

/** A process and everything it has started. */
export function processTree(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(processTree)]
}

function machineTicks(): readonly number[] {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  return line.trim().split(/\s+/).slice(1).map(Number)
}

function ticksOf(path: string): number {
  const stat = readFileSync(path, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[UTIME]) + Number(fields[STIME])
}
