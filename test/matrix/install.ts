import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { root } from '../fixtures/root.js'

const run = promisify(execFile)
const pathOf = (name: string): string => fileURLToPath(new URL(name, root))

/** A project outside of the repository, with the packed package installed. */
class Project {
  readonly #directory: string

  constructor (directory: string) {
    this.#directory = directory
  }

  /** Runs a program of the project, and returns its output. */
  async run (args: readonly string[], { node = execPath, folder = '.' } = {}): Promise<string> {
    try {
      // Without NODE_OPTIONS, as tap would load itself into the program.
      const { stdout } = await run('env', ['-u', 'NODE_OPTIONS', node, ...args], { cwd: join(this.#directory, folder) })
      return stdout
    } catch (err) {
      // The compiler prints errors to its standard output, which is not in the message.
      const { message, stdout } = err as Error & { stdout?: string }
      throw new Error(`${message}\n${stdout}`, { cause: err })
    }
  }

  /** Installs a version of Node, and returns its path. */
  async installNode (version: string): Promise<string> {
    const prefix = join(this.#directory, `node-${version}`)
    const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund']
    await run('npm', ['install', ...quiet, '--prefix', prefix, `node@${version}`])
    return join(prefix, 'node_modules/node/bin/node')
  }
}

/** Installs a clone of the repository without development dependencies, and returns its folder. The test removes it. */
export async function installWithoutDev (t: Test): Promise<string> {
  const clone = await mkdtemp(join(tmpdir(), 'dynoai-metrics-clone-'))
  t.teardown(() => rm(clone, { recursive: true, force: true }))
  await run('git', ['clone', '--quiet', '--depth', '1', root.href, clone])
  await run('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: clone })
  return clone
}

/** Packs the package, and installs it in a project. The test removes both. */
export async function installProject (t: Test): Promise<Project> {
  const directory = await mkdtemp(join(tmpdir(), 'dynoai-metrics-matrix-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  for (const name of ['.npmrc', 'package.json', 'package-lock.json']) {
    await cp(pathOf(`test/matrix/${name}`), join(directory, name))
  }
  for (const folder of ['test/matrix/programs', 'test/fixtures/consumer']) {
    await cp(pathOf(folder), directory, { recursive: true })
  }
  await rm(join(directory, 'tsconfig.json'))

  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  await run('npm', ['ci', ...quiet], { cwd: directory })
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory]
  const { stdout } = await run('npm', pack, { cwd: pathOf('.') })
  await run('npm', ['install', '--no-save', ...quiet, `./${stdout.trim()}`], { cwd: directory })
  return new Project(directory)
}
