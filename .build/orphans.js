import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** The folders below `dist` that each folder of sources is compiled into. */
const COMPILED = { lib: ['lib', 'commonjs'], examples: ['examples'], dashboards: ['dashboards'], test: ['test'] }

/**
 * Removes compiled files whose source was deleted: otherwise a test would still run, and a module would still be
 * published. Only for the parts that were just compiled: if a deleted source is restored before the compiler's next
 * run, the compiler does not compile it again.
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
