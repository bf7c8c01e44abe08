import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../fixtures/random.js'
import type { Random } from '../fixtures/random.js'
import { nextAction, WHO } from './actions.js'
import type { Action } from './actions.js'
import { openClient } from './clients.js'
import type { Client, Protocol } from './clients.js'
import type { SoakRun } from './run.js'

/** How long a client waits for a response, in milliseconds. */
const MAX_WAIT = 60_000
/**
 * How long a client waits for a connection, in milliseconds. Node never closes one that the primary passes to a worker
 * that is just killed.
 */
const MAX_CONNECT = 15_000
/** The longest pause of a client between two actions, in milliseconds. */
const MAX_PAUSE = 20
/** How many actions a client takes over one connection at most. */
const MAX_ACTIONS = 60

/** A client that connects again and again until the run is over. */
export async function runUser (run: SoakRun, protocol: Protocol, seed: number): Promise<void> {
  const random = createRandom(seed)
  while (!run.isOver) {
    const since = Date.now()
    let client: Client
    try {
      client = await withTimeout(openClient(protocol, run.service.origin), MAX_CONNECT)
    } catch (err) {
      run.ledger.recordUncertain(WHO.counts, WHO.interruptedCounts)
      if (!await run.service.explainsFailure(since)) run.faults.add(`${protocol}: no connection: ${String(err)}`)
      continue
    }
    run.ledger.record(client.worker, WHO.counts)
    try {
      await act(run, client, { protocol, random })
      await finish(run, client)
    } finally {
      await client.close()
    }
  }
}

/**
 * Sends a last request. When it is answered, the server has seen that the responses before were sent. It may not see
 * that of the last one, whose client disconnects: over TLS, Node reports a little later that bytes were sent.
 */
async function finish (run: SoakRun, client: Client): Promise<void> {
  if (!client.isOpen) return
  run.ledger.recordUncertain(WHO.counts, WHO.interruptedCounts)
  await withTimeout(client.send([WHO])).catch(() => {}) // the worker may have ended
}

interface User {
  readonly protocol: Protocol
  readonly random: Random
}

async function act (run: SoakRun, client: Client, { protocol, random }: User): Promise<void> {
  for (let i = random.integer(0, MAX_ACTIONS); i > 0 && client.isOpen && !run.isOver; i--) {
    const action = nextAction(random)
    const since = Date.now()
    try {
      await withTimeout(perform(run, client, action))
    } catch (err) {
      // Some of the requests may have been counted.
      for (const { counts, interruptedCounts } of action.sent) run.ledger.recordUncertain(counts, interruptedCounts)
      if (err instanceof NoResponse || !await run.service.explainsFailure(since, client.worker)) {
        run.faults.add(`${protocol}: ${action.name}: ${String(err)}`)
      }
      return
    }
    await delay(random.float() * MAX_PAUSE)
  }
}

async function perform (run: SoakRun, client: Client, { name, sent, isAborted }: Action): Promise<void> {
  if (isAborted) {
    for (const request of sent) await client.abort(request)
    for (const { counts } of sent) run.ledger.record(client.worker, counts)
    return
  }
  const statuses = await client.send(sent)
  for (const [i, { status, counts }] of sent.entries()) {
    // A server that closes responds so without a hook, and does not count it.
    if (statuses[i] === 503 && await run.service.explainsFailure(Date.now(), client.worker)) continue
    run.ledger.record(client.worker, counts)
    if (statuses[i] !== status) run.faults.add(`${name}: the status is ${statuses[i]}, not ${status}`)
  }
}

class NoResponse extends Error {
  override readonly name = 'NoResponse'
}

/** Rejects after the longest time that a client waits. */
async function withTimeout<T> (promise: Promise<T>, milliseconds = MAX_WAIT): Promise<T> {
  const ended = new AbortController()
  try {
    return await Promise.race([
      promise,
      delay(milliseconds, undefined, { signal: ended.signal }).then(() => { throw new NoResponse() })
    ])
  } finally {
    ended.abort()
  }
}
