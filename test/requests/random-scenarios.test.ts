import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { readCount } from '../fixtures/read-count.js'
import { createRandom } from '../fixtures/random.js'
import { startScenarioServer } from '../fixtures/scenarios/support/server.js'
import { expectedCounts, waitForCounts } from '../fixtures/scenarios/support/scenario-counts.js'
import type { Scenario, ScenarioServer } from '../fixtures/scenarios/support/scenario.js'
import { scenarios } from '../fixtures/scenarios/index.js'

/** CI plays ten times as many. */
const SCENARIO_COUNT = readCount('SCENARIO_COUNT', 1000)
const AT_ONCE = 50
/** `SCENARIO_SEED=… npm run test:unit -- test/requests/random-scenarios.test.ts` repeats a run. */
const SEED = readCount('SCENARIO_SEED', 1)

interface Played {
  readonly server: ScenarioServer
  readonly fates: Scenario[]
}

/** Rejects if it is not over within a bound, so that the fate that hangs is named. */
async function inTime (fate: Promise<void>): Promise<void> {
  const abort = new AbortController()
  const late = delay(60_000, undefined, { signal: abort.signal }).then(() => { throw new Error('It does not end') })
  await Promise.race([fate, late]).finally(() => abort.abort())
}

t.test(`counts ${SCENARIO_COUNT} random fates exactly once (SCENARIO_SEED=${SEED})`, async t => {
  t.comment(`SCENARIO_SEED=${SEED}`)
  const { float, pick } = createRandom(SEED)
  const played = new Map<string, Played>()
  for (const kind of new Set(scenarios.map(({ server }) => server))) {
    for (const awaited of [false, true]) played.set(`${kind} ${awaited}`, { server: await startScenarioServer(kind, { awaited }), fates: [] })
  }
  t.teardown(() => Promise.all([...played.values()].map(({ server }) => server.close())))

  // What is played is decided by the seed alone, whatever the order in which the players are free.
  const script = Array.from({ length: SCENARIO_COUNT }, () => {
    const fate = pick(scenarios)
    const stage = played.get(`${fate.server} ${float() < 0.5}`)!
    stage.fates.push(fate)
    return { fate, server: stage.server }
  })
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let scene = script.pop(); scene; scene = script.pop()) {
      const { fate, server } = scene
      await inTime(fate.run(server)).catch((err: unknown) => { t.fail(fate.name, { err }) })
    }
  }))

  for (const [stage, { server, fates }] of played) {
    const expected = expectedCounts(fates)
    const ended = fates.reduce((sum, { counted }) => sum + counted.length, 0)
    t.strictSame(await waitForCounts(server.fastify, ended), expected, `${ended} requests on ${stage}`)
  }
})
