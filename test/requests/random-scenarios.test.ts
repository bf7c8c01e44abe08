import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createRandom } from '../fixtures/random.js'
import { readCount } from '../fixtures/read-count.js'
import { scenarios } from '../fixtures/scenarios/index.js'
import type { Scenario, ScenarioServer } from '../fixtures/scenarios/support/scenario.js'
import { expectedCounts, waitForCounts } from '../fixtures/scenarios/support/scenario-counts.js'
import { startScenarioServer } from '../fixtures/scenarios/support/server.js'

/** CI runs 10 × as many. */
const SCENARIO_COUNT = readCount('SCENARIO_COUNT', 1000)
const CONCURRENCY = 50
/** `SCENARIO_SEED=… npm run test:unit -- test/requests/random-scenarios.test.ts` repeats a run. */
const SEED = readCount('SCENARIO_SEED', 1)

interface UsedServer {
  readonly server: ScenarioServer
  readonly assigned: Scenario[]
}

/** Rejects when a scenario does not end in 60 s, so the failure names it. */
async function endInTime (run: Promise<void>): Promise<void> {
  const abort = new AbortController()
  const timeout = sleep(60_000, undefined, { signal: abort.signal }).then(() => { throw new Error('It does not end') })
  await Promise.race([run, timeout]).finally(() => abort.abort())
}

t.test(`counts ${SCENARIO_COUNT} random scenarios exactly once (SCENARIO_SEED=${SEED})`, async t => {
  t.comment(`SCENARIO_SEED=${SEED}`)
  const { float, pick } = createRandom(SEED)
  const servers = new Map<string, UsedServer>()
  for (const kind of new Set(scenarios.map(({ server }) => server))) {
    for (const awaited of [false, true]) {
      servers.set(`${kind} ${awaited}`, { server: await startScenarioServer(kind, { awaited }), assigned: [] })
    }
  }
  t.teardown(() => Promise.all([...servers.values()].map(({ server }) => server.close())))

  // The choice is complete before the first run, so it depends on the seed only.
  const queue = Array.from({ length: SCENARIO_COUNT }, () => {
    const scenario = pick(scenarios)
    const { server, assigned } = servers.get(`${scenario.server} ${float() < 0.5}`)!
    assigned.push(scenario)
    return { scenario, server }
  })
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { scenario, server } = next
      await endInTime(scenario.run(server)).catch((err: unknown) => { t.fail(scenario.name, { err }) })
    }
  }))

  for (const [name, { server, assigned }] of servers) {
    const ended = assigned.reduce((sum, { counted }) => sum + counted.length, 0)
    const counts = await waitForCounts(server.fastify, ended)
    t.strictSame(counts, expectedCounts(assigned), `${ended} requests on ${name}`)
  }
})
