// `npm test`: compiles, then runs the unit tests, and beside them everything else that is checked. What is beside says
// nothing until it has ended, so that the outputs do not mix.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { compile } from './compile.js'

const BESIDE = ['lint', 'test:types', 'test:package']

if (compile()) {
  const results = await Promise.all([unitTests(), others()])
  const failed = results.flat()
  for (const name of failed) console.log(`# npm run ${name} failed`)
  if (failed.length > 0) process.exitCode = 1
} else {
  process.exitCode = 1
}

/** Gives the names of what failed. */
async function unitTests () {
  const [code] = await once(spawn('npm', ['run', '--silent', 'test:unit'], { stdio: 'inherit' }), 'close')
  return code === 0 ? [] : ['test:unit']
}

/**
 * One after another, and with a low priority: the unit tests use all cores, and some of them watch the time. So these fill
 * the time in which a test waits, and that in which only the last test runs.
 */
async function others () {
  const failed = []
  for (const name of BESIDE) {
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
