import Fastify from 'fastify'
import { METRICS, prepareCalls } from './calls.js'
import { serveParent } from './child.js'
import { loadClient } from './clients.js'
import { DYNOAI_METRICS } from './names.js'

// Measures the business metric calls of one client. Argument: client.
const [name = ''] = process.argv.slice(2)
const client = await loadClient(name)
if (client === undefined) throw new Error(`${name} cannot be loaded`)
const fastify = Fastify()
const measure = prepareCalls(await client(fastify, METRICS), name === DYNOAI_METRICS)
await fastify.ready()
measure()
await checkNoErrors()
serveParent({}, measure, () => process.exit())

/** A call that fails would be fast, and its result meaningless. */
async function checkNoErrors (): Promise<void> {
  const { body } = await fastify.inject('/metrics')
  const error = /^\w+_metrics_(errors|overflow)_total\{.*\} [^0].*$/m.exec(body)
  if (error !== null) throw new Error(`A measured call failed: ${error[0]}`)
}
