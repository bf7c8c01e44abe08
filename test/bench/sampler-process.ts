import { setTimeout as delay } from 'node:timers/promises'
import type * as EventLoopDelay from '../../dist/lib/registry/event-loop-delay.js'
import { serveParent } from './child.js'
import type { IdleCost } from './bench-sampler.js'

// An idle process with or without the event-loop delay sampler. It reports its CPU time.
// Arguments: `with` or `without`, number of seconds.
const [sampler = '', seconds] = process.argv.slice(2)
if (sampler === 'with') {
  const { href } = new URL('../../../dist/lib/registry/event-loop-delay.js', import.meta.url)
  const lib = await import(href) as typeof EventLoopDelay
  new lib.EventLoopDelay().start()
}

async function measure (): Promise<IdleCost> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await delay(1000 * Number(seconds))
  const { user, system } = process.cpuUsage(cpu)
  return { share: (user + system) / 1000 / (performance.now() - start) }
}

serveParent({}, measure, () => process.exit())
