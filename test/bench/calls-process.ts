import Fastify from 'fastify'
import { METRICS, prepareCalls } from './calls.js'
import { serveParent } from './child.js'
import { loadClient } from './clients.js'
import { OURS } from './setups.js'

// Measures the business calls of one client.
const [name = ''] = process.argv.slice(2)
const client = await loadClient(name)
if (client === undefined) throw new Error(`${name} cannot be loaded`)
const fastify = Fastify()
const measure = prepareCalls(await client(fastify, METRICS), name === OURS)
await fastify.ready()
measure()
await checkNoMistakes()
serveParent({}, measure, () => process.exit())

/** A call that is a mistake would be fast. */
async function checkNoMistakes (): Promise<void> {
  const { body } = await fastify.inject('/metrics')
  const mistake = /^\w+_metrics_(errors|overflow)_total\{.*\} [^0].*$/m.exec(body)
  if (mistake !== null) throw new Error(`A measured call is wrong: ${mistake[0]}`)
}
