// Builds after `npm ci` and before packing. It does nothing if `--omit=dev` left out the compiler.
import { createRequire } from 'node:module'

if (isInstalled('typescript')) {
  const { compile } = await import('./compile.js')
  if (!compile(['lib', 'examples'])) process.exitCode = 1
}

function isInstalled (name) {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch (err) {
    if (err.code !== 'MODULE_NOT_FOUND') throw err
    return false
  }
}
