import cluster from 'node:cluster'
import { linkSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir, uptime } from 'node:os'
import process from 'node:process'

/** The parts of the operating system that this folder reads. Tests replace them. Methods throw what Node throws. */
export interface System {
  /** The pid of this process. */
  readonly pid: number
  /** The pid of the parent. It changes when the parent exits. */
  parentPid (): number
  /** The effective user id; `undefined` on Windows. */
  userId (): number | undefined
  isClusterWorker (): boolean
  temporaryDirectory (): string
  readFile (path: string): string
  readLink (path: string): string
  link (existingPath: string, newPath: string): void
  /** Throws `ESRCH` if no process has this pid. */
  checkPid (pid: number): void
  /** The time in milliseconds since 1970. */
  now (): number
  /** The time since the boot in milliseconds. */
  uptime (): number
}

export const localSystem: System = {
  pid: process.pid,
  parentPid: () => process.ppid,
  userId: () => process.geteuid?.(),
  isClusterWorker: () => cluster.isWorker,
  temporaryDirectory: tmpdir,
  readFile: path => readFileSync(path, 'latin1'),
  readLink: path => readlinkSync(path),
  link: linkSync,
  checkPid: pid => { process.kill(pid, 0) },
  now: Date.now,
  uptime: () => uptime() * 1000
}
