// Builds and packs the package into dist/package.tgz.
import { execFileSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { compile } from './compile.js'

if (compile(['lib'])) {
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', 'dist']
  const name = execFileSync('npm', args, { encoding: 'utf8' }).trim()
  renameSync(`dist/${name}`, 'dist/package.tgz')
} else {
  process.exitCode = 1
}
