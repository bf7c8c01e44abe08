import { cpus, totalmem } from 'node:os'
import { createRequire } from 'node:module'
import type { Environment } from './results.js'

const PACKAGES = ['fastify', 'fastify-metrics', 'prom-client']

/** Reads the machine and the versions of this run. */
export function readEnvironment (): Environment {
  const require = createRequire(import.meta.url)
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    packages: Object.fromEntries(PACKAGES.map(name => [name, require(`${name}/package.json`).version]))
  }
}
