import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** The folders below `dist`, each with the folder of its sources. */
const SOURCES = { lib: 'lib', commonjs: 'lib', examples: 'examples', dashboards: 'dashboards', test: 'test' }

/** Removes what was compiled of sources that are gone: a test would still run, and a module still be published. */
export function removeOrphans () {
  for (const [folder, source] of Object.entries(SOURCES)) {
    const compiled = join('dist', folder)
    if (!existsSync(compiled)) continue
    for (const name of readdirSync(compiled, { recursive: true, encoding: 'utf8' })) {
      const [, stem, kind] = /^(.*?)\.(?:d\.)?([cm]?)[jt]s(?:\.map)?$/.exec(name) ?? []
      if (stem !== undefined && !existsSync(join(source, `${stem}.${kind}ts`))) rmSync(join(compiled, name))
    }
  }
}
