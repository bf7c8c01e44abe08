import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** The folders below `dist` of each folder of sources. */
const COMPILED = { lib: ['lib', 'commonjs'], examples: ['examples'], dashboards: ['dashboards'], test: ['test'] }

/**
 * Removes what was compiled of sources that are gone: a test would still run, and a module still be published. Only of
 * the parts that were compiled just now: a source that comes back before the compiler looks again is not compiled anew.
 */
export function removeOrphans (parts = Object.keys(COMPILED)) {
  for (const [source, folder] of parts.flatMap(part => COMPILED[part].map(folder => [part, folder]))) {
    const compiled = join('dist', folder)
    if (!existsSync(compiled)) continue
    for (const name of readdirSync(compiled, { recursive: true, encoding: 'utf8' })) {
      const [, stem, kind] = /^(.*?)\.(?:d\.)?([cm]?)[jt]s(?:\.map)?$/.exec(name) ?? []
      if (stem !== undefined && !existsSync(join(source, `${stem}.${kind}ts`))) rmSync(join(compiled, name))
    }
  }
}
