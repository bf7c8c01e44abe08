import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** The directory in which this service keeps uploads. */
export interface UploadDirectory {
  readonly path: string
  /** Deletes the directory. */
  remove (): Promise<void>
}

/** Tells processes with the same id apart: a container often gives every process the id 1. */
const STARTED_MS = Math.round(performance.timeOrigin)

/** `dynoai-<host>-<process id>-<start of the process in ms>-<random>` */
const NAME = /^dynoai-(.+)-(\d+)-(\d+)-\w{6}$/

/** A running service says so in the time of its directory. */
const SIGN_OF_LIFE_MS = 60_000
/** Hosts that share a file system may have different clocks. */
const MAX_SILENCE_MS = 3_600_000

/**
 * Creates a directory for the uploads of this service, and deletes those of services that were killed: of processes of
 * this host that have ended, and of others that have given no sign of life for an hour, such as former containers.
 */
export async function createUploadDirectory (parent: string, signOfLifeMs = SIGN_OF_LIFE_MS): Promise<UploadDirectory> {
  await mkdir(parent, { recursive: true })
  // A directory of another user cannot be deleted, and another service may delete one at the same time.
  await Promise.all((await readdir(parent)).map(name => deleteLeftOver(parent, name).catch(ignore)))
  const path = await mkdtemp(join(parent, `dynoai-${hostname()}-${process.pid}-${STARTED_MS}-`))
  // The directory may have been deleted by hand; the next upload fails with the reason.
  const timer = setInterval(() => { utimes(path, new Date(), new Date()).catch(ignore) }, signOfLifeMs)
  timer.unref()
  return {
    path,
    async remove () {
      clearInterval(timer)
      await rm(path, { recursive: true, force: true })
    }
  }
}

async function deleteLeftOver (parent: string, name: string): Promise<void> {
  const [, host, pid, started] = NAME.exec(name) ?? []
  if (host === undefined) return
  const path = join(parent, name)
  const hasEnded = host === hostname() && !isRunning(Number(pid), Number(started))
  if (hasEnded || Date.now() - (await stat(path)).mtimeMs > MAX_SILENCE_MS) await rm(path, { recursive: true })
}

function ignore (): void {}

function isRunning (pid: number, started: number): boolean {
  if (pid === process.pid) return started === STARTED_MS
  try {
    // Signal 0 only checks.
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: the process of another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
