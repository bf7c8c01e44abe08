import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The files that the processes of a service share. */
export interface SharedFiles {
  readonly count: number
  readonly bytes: number
}

/** The directories of all services below a temporary directory. */
export function listServices (temporaryDirectory: string): string[] {
  const parents = readdirSync(temporaryDirectory).filter(name => name.startsWith('dynoai-metrics'))
    .map(name => join(temporaryDirectory, name))
  return parents.flatMap(parent => readdirSync(parent).map(name => join(parent, name)))
}

/** The files of all services. Some may be deleted meanwhile. */
export function measureFiles (temporaryDirectory: string): SharedFiles {
  const paths = listServices(temporaryDirectory).flatMap(directory =>
    readdirSync(directory).map(name => join(directory, name)))
  const sizes = paths.map(path => statSync(path, { throwIfNoEntry: false })?.size ?? 0)
  return { count: paths.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}
