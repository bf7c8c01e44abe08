// `npm run soak -- --minutes 10`: runs a service of several processes under load, while processes are killed. Prints a
// summary, and exits with 1 if there is a fault.
import { parseArgs } from 'node:util'
import { runSoak } from './soak.js'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1e6)) },
    workers: { type: 'string', default: '4' },
    users: { type: 'string', default: '16' },
    pause: { type: 'string', default: '1500' }
  }
})

function numberOf (name: keyof typeof values): number {
  const value = Number(values[name])
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number. Received: '${values[name]}'`)
  return value
}

const minutes = numberOf('minutes')
console.log(`# --minutes ${minutes} --seed ${values.seed}`)
const { summary, faults } = await runSoak({
  seconds: 60 * minutes,
  seed: numberOf('seed'),
  workers: numberOf('workers'),
  users: numberOf('users'),
  pause: numberOf('pause'),
  onProgress: line => { console.log(`# ${line}`) }
})
for (const line of summary) console.log(line)
for (const fault of faults) console.log(`FAULT ${fault}`)
console.log(faults.length === 0 ? 'no faults' : `${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
