import { createHash } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { errors, received } from '../errors.js'
import { describeProcess } from './owner.js'
import type { ThreadIdentity } from './owner.js'
import { openPrivateDirectory } from './private-directory.js'
import { writeServiceFile } from './service-file.js'
import type { ServiceRecord } from './service-file.js'
import { localSystem } from './system.js'
import type { System } from './system.js'

/** The version of the format of the files. Processes with another version must not use the same directory. */
const FORMAT = 1

/** The option `processes`, once it is checked. An object without a directory is like `'auto'`. */
export type ProcessesOption = 'auto' | boolean | { readonly directory?: string | undefined }

/** The processes that share a directory. */
export interface Service {
  /** The absolute path of the directory. */
  readonly directory: string
  /** Whether it is the default directory, below the temporary one. */
  readonly isDefault: boolean
  /** What the default directory says of its service; `null` for a given directory. */
  readonly record: ServiceRecord | null
}

/** What decides to which service a process belongs. */
export interface ServiceInputs {
  readonly option: ProcessesOption
  readonly metricPrefix: string
  /** The URL of the endpoint, with its prefix. */
  readonly url: string
  /** The environment, from which the variables of PM2 are read. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly system?: System
}

/**
 * The service of this process; `null` if the process responds for itself alone. It reads the pid of the parent, which
 * changes when the primary exits, so it must be called only once.
 * @throws DYNOAI_METRICS_ERR_OPTION for `true` outside of a worker of `node:cluster`
 */
export function findService (inputs: ServiceInputs): Service | null {
  const { option, system = localSystem } = inputs
  if (option === false) return null
  const directory = typeof option === 'object' ? option.directory : undefined
  if (directory !== undefined) return { directory: resolve(directory), isDefault: false, record: null }
  if (system.isClusterWorker()) return findDefaultService(inputs, system)
  if (option !== true) return null
  throw new errors.ERR_OPTION(
    'processes', "an object with a 'directory', outside of a worker of node:cluster", received(option)
  )
}

/**
 * Creates and checks the directory of a service, and the one above a default directory.
 * Another process may remove a default directory that has been unused, at the same time. Then this function or
 * `takeSlot` throws `ENOENT`, and both can be called again.
 * @throws DYNOAI_METRICS_ERR_DIRECTORY if a directory cannot be created or is not private; errors of the file system
 */
export function openService ({ directory, record }: Service, system: System = localSystem): void {
  if (record === null) {
    openPrivateDirectory(directory, system)
    return
  }
  openPrivateDirectory(dirname(directory), system)
  openPrivateDirectory(directory, system)
  writeServiceFile(directory, record)
}

function findDefaultService ({ metricPrefix, url, env }: ServiceInputs, system: System): Service {
  const primary = describeProcess(system.parentPid(), system)
  const application = pm2ApplicationOf(env)
  const hash = createHash('sha256').update(JSON.stringify([
    FORMAT, application ?? identityOf(primary), primary.boot, primary.namespace, metricPrefix, url
  ])).digest('hex').slice(0, 32)
  const userId = system.userId()
  // On Windows, the temporary directory is one of the user.
  const folder = userId === undefined ? 'dynoai-metrics' : `dynoai-metrics-${userId}`
  return {
    directory: resolve(system.temporaryDirectory(), folder, hash),
    isDefault: true,
    record: { primary, application: application === null ? null : application.slice(0, 2).join('/'), metricPrefix, url }
  }
}

// The daemon of PM2 is the primary of all its applications. Their names stay the same when PM2 restarts them.
function pm2ApplicationOf (env: ServiceInputs['env']): readonly string[] | null {
  const { namespace = '', name = '', pm_exec_path: path = '' } = env
  return name === '' || path === '' ? null : [namespace, name, path]
}

function identityOf ({ pid, started }: ThreadIdentity): ReadonlyArray<number | null> {
  return [pid, started]
}
