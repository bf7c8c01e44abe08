import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Tells processes with the same id apart: a container often gives every process the id 1. */
const STARTED_MS = Math.round(performance.timeOrigin)

/** `dynoai-<host>-<process id>-<start of the process in ms>-<random>` */
const NAME = /^dynoai-(.+)-(\d+)-(\d+)-\w{6}$/

/**
 * Creates a directory for the uploads of this service, and deletes those of services on this host that were killed. The
 * directories of running services, and of other hosts with the same file system, stay.
 */
export async function createUploadDirectory (parent: string): Promise<string> {
  const names = await readdir(parent)
  await Promise.all(names.filter(isLeftOver).map(name => rm(join(parent, name), { recursive: true, force: true })
    // Of another user.
    .catch(() => {})))
  return await mkdtemp(join(parent, `dynoai-${hostname()}-${process.pid}-${STARTED_MS}-`))
}

function isLeftOver (name: string): boolean {
  const [, host, pid = '', started] = NAME.exec(name) ?? []
  if (host !== hostname()) return false
  return Number(pid) === process.pid ? started !== String(STARTED_MS) : !isRunning(Number(pid))
}

function isRunning (pid: number): boolean {
  try {
    // Signal 0 only checks.
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: the process of another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
