import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const FILE = 'lib/registry/version.ts'

/**
 * Writes the version of package.json into the sources. Reading package.json at run time would need different code in ES
 * modules and in CommonJS, and would fail in bundles.
 */
export function writeVersion () {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const text = `// Written by .build/version.js.

/** The version of this package, the label of \`exporter_info\`. */
export const version = '${version}'
`
  if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== text) writeFileSync(FILE, text)
}
