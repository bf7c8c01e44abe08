// `node .build/prometheus.js` prints the folder of a `prometheus` and a `promtool` of version 3, which it builds from
// their Go module unless they are in the cache. Debian has version 2 only. If Go is older than the module requires, it
// downloads the required version itself. Go's own caches keep 2.3 GB.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

const VERSION = '3.16.0'
/** Go numbers version 3.16.0 as 0.316.0. */
const MODULE_VERSION = 'v0.316.0'
const PROGRAMS = ['prometheus', 'promtool']
/** Where the installer of Go puts it, which is often not in PATH. */
const GO_FOLDER = join(process.env.GOROOT ?? '/usr/local/go', 'bin')

const cache = resolve(process.env.PROMETHEUS_CACHE ?? join(homedir(), '.cache/dynoai-metrics'))
const folder = join(cache, `prometheus-${VERSION}`)

try {
  if (!isComplete(folder)) build()
  console.log(folder)
} catch (error) {
  console.error(`Prometheus ${VERSION} was not built: ${error.message}`)
  process.exitCode = 1
}

/** Builds into a temporary folder and renames it, so that the cache never has a part of a build. */
function build () {
  const go = findGo()
  mkdirSync(cache, { recursive: true })
  const temporary = mkdtempSync(join(cache, 'building-'))
  try {
    console.error(`Building Prometheus ${VERSION} with ${go}, which takes some minutes`)
    const { status, error } = spawnSync(go, [
      // Two compilers at a time: more need more memory than small machines have.
      'install', '-p', '2', '-tags', 'remove_all_sd',
      '-ldflags', `-s -w -X github.com/prometheus/common/version.Version=${VERSION}`,
      ...PROGRAMS.map(name => `github.com/prometheus/prometheus/cmd/${name}@${MODULE_VERSION}`)
    ], {
      env: { ...process.env, GOBIN: temporary, CGO_ENABLED: '0' },
      stdio: ['ignore', 'inherit', 'inherit']
    })
    if (error !== undefined) throw error
    if (status !== 0) throw new Error(`go install exited with ${status}.`)
    if (!isComplete(temporary)) throw new Error(`go install wrote no programs of version ${VERSION}.`)
    rmSync(folder, { recursive: true, force: true })
    renameSync(temporary, folder)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    // Another process has built it at the same time.
    if (!isComplete(folder)) throw error
  }
}

/** Whether a folder has both programs, in this version. */
function isComplete (folder) {
  return PROGRAMS.every(name => {
    const { stdout, stderr } = spawnSync(join(folder, name), ['--version'], { encoding: 'utf8' })
    return `${stdout}${stderr}`.includes(`version ${VERSION} `)
  })
}

function findGo () {
  const folders = [...process.env.PATH.split(delimiter).filter(path => path !== ''), GO_FOLDER]
  const found = folders.map(path => join(path, 'go')).find(isExecutable)
  if (found !== undefined) return found
  throw new Error(`There is no Go in PATH and ${GO_FOLDER}. Install Go 1.21 or newer, or set PROMETHEUS_BIN and ` +
    'PROMTOOL_BIN to programs that you have.')
}

function isExecutable (path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
