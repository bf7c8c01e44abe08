import { errorCode } from './error-code.js'
import { localSystem } from './system.js'
import type { System } from './system.js'

/**
 * A thread of a process. The start time distinguishes it from a later thread with the same ids. Without `/proc`, so on
 * macOS and Windows, all fields but `pid` are `null`.
 */
export interface ThreadIdentity {
  readonly pid: number
  /** The id that the operating system gives the thread. */
  readonly thread: number | null
  /** When the thread started, in clock ticks since the boot. */
  readonly started: number | null
  /** The id of the machine's boot. */
  readonly boot: string | null
  /** The pid namespace, in which the pid is valid. Containers have different ones. */
  readonly namespace: string | null
}

/** The owner of a slot, as its file describes it. */
export interface Owner extends ThreadIdentity {
  /** Whether the owner has released the slot. Its thread may still run. */
  readonly isReleased: boolean
  /** The time between two writes, in milliseconds. */
  readonly interval: number | null
  /** The version of the package that writes the slot. */
  readonly version: string | null
}

type Machine = Pick<ThreadIdentity, 'boot' | 'namespace'>

/** The fields of `/proc/<pid>/stat` that say whether a thread runs. */
interface ThreadStat {
  readonly state: string
  readonly started: number
}

/** Zombies, and threads that are being removed. */
const ENDED_STATES = ['Z', 'X', 'x']

/** The errors of reading a file of a thread that does not exist; `ESRCH` if it ends meanwhile. */
const ABSENT_CODES: readonly unknown[] = ['ENOENT', 'ESRCH']

/** The boot and the namespace do not change while a process runs. */
const machines = new WeakMap<System, Machine>()

/** Describes the calling thread. */
export function describeThread (system: System = localSystem): ThreadIdentity {
  // `<pid>/task/<thread>`, with the ids of the namespace that /proc shows.
  const path = attempt(() => system.readLink('/proc/thread-self')) ?? ''
  const [, pid, thread] = /^(\d+)\/task\/(\d+)$/.exec(path) ?? []
  return pid === undefined
    ? { pid: system.pid, thread: null, started: null, ...machineOf(system) }
    : describe({ pid: Number(pid), thread: Number(thread) }, system)
}

/** Describes the main thread of a process. */
export function describeProcess (pid: number, system: System = localSystem): ThreadIdentity {
  return describe({ pid, thread: pid }, system)
}

/**
 * Whether a thread may be running, and has not released its slot. It returns false only if the thread has ended for
 * certain: no such thread, another start time, or a zombie.
 *
 * Without `/proc` it knows the pid only. Then a process that reuses the pid counts as the thread, and a worker thread
 * counts as running until its process exits. A thread of another boot or pid namespace always counts as running; see
 * {@link isVisible}.
 */
export function isAlive (
  identity: ThreadIdentity & Partial<Pick<Owner, 'isReleased'>>, system: System = localSystem
): boolean {
  if (identity.isReleased === true) return false
  if (!isVisible(identity, system)) return true
  const { pid, thread, started } = identity
  if (thread === null) return hasProcess(pid, system)
  const stat = readStat(`/proc/${pid}/task/${thread}/stat`, system)
  if (stat === 'unreadable') return hasProcess(pid, system)
  if (stat !== 'absent') return stat.started === started && !ENDED_STATES.includes(stat.state)
  // With the mount option `hidepid`, /proc shows no thread of a process that may not be traced. It exists for kill().
  return readStat(`/proc/${pid}/stat`, system) === 'absent' && hasProcess(pid, system)
}

/**
 * Whether the pid of a thread is one of this process' boot and pid namespace, so that {@link isAlive} can check it. A
 * thread of another boot may run on another machine, or in another sandbox, with the same directory.
 */
export function isVisible ({ boot, namespace }: ThreadIdentity, system: System = localSystem): boolean {
  const machine = machineOf(system)
  return !areDifferent(boot, machine.boot) && !areDifferent(namespace, machine.namespace)
}

/** The boot and the pid namespace of this process. */
export function machineOf (system: System = localSystem): Machine {
  let machine = machines.get(system)
  if (machine === undefined) {
    machine = {
      boot: attempt(() => system.readFile('/proc/sys/kernel/random/boot_id').trim()) ?? null,
      namespace: attempt(() => system.readLink('/proc/self/ns/pid')) ?? null
    }
    machines.set(system, machine)
  }
  return machine
}

function describe ({ pid, thread }: { pid: number, thread: number }, system: System): ThreadIdentity {
  const stat = readStat(`/proc/${pid}/task/${thread}/stat`, system)
  if (typeof stat === 'string') return { pid, thread: null, started: null, ...machineOf(system) }
  return { pid, thread, started: stat.started, ...machineOf(system) }
}

// A value that one side does not know proves nothing.
function areDifferent (a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b
}

function hasProcess (pid: number, system: System): boolean {
  try {
    system.checkPid(pid)
    return true
  } catch (err) {
    // EPERM: a process of another user.
    return errorCode(err) !== 'ESRCH'
  }
}

function readStat (path: string, system: System): ThreadStat | 'absent' | 'unreadable' {
  let text
  try {
    text = system.readFile(path)
  } catch (err) {
    // Any other error, such as EMFILE or EACCES, says nothing about the thread.
    return ABSENT_CODES.includes(errorCode(err)) ? 'absent' : 'unreadable'
  }
  // The second field is the name of the thread, in parentheses. The name may contain spaces and parentheses.
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const started = Number(fields[18]) // field 22 of the file; the state is field 3
  return state === undefined || !Number.isSafeInteger(started) ? 'unreadable' : { state, started }
}

function attempt<T> (fn: () => T): T | undefined {
  try {
    return fn()
  } catch {
    return undefined
  }
}
