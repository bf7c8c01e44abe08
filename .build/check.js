// `npm test`: compiles, then runs the unit tests, and at the same time all other checks. The output of a check is
// printed when it has ended, so the outputs do not mix.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { compile } from './compile.js'

const OTHER_CHECKS = ['lint', 'test:types', 'test:package', 'test:docs']

if (compile()) {
  const results = await Promise.all([runUnitTests(), runOtherChecks()])
  const failed = results.flat()
  for (const name of failed) console.log(`# npm run ${name} failed`)
  if (failed.length > 0) process.exitCode = 1
} else {
  process.exitCode = 1
}

/** Returns the names of the scripts that failed. */
async function runUnitTests () {
  const [code] = await once(spawn('npm', ['run', '--silent', 'test:unit'], { stdio: 'inherit' }), 'close')
  return code === 0 ? [] : ['test:unit']
}

/**
 * Runs one check after another, with a low priority: the unit tests use all cores, and some of them measure time. So
 * the checks run while a test waits, or while only the last test runs.
 * @returns {Promise<string[]>} the names of the scripts that failed
 */
async function runOtherChecks () {
  const failed = []
  for (const name of OTHER_CHECKS) {
    const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] })
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
    const output = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => { output.push(data) })
    const [code] = await once(child, 'close')
    if (code === 0) continue
    failed.push(name)
    console.log(`# npm run ${name}\n${Buffer.concat(output)}`)
  }
  return failed
}
