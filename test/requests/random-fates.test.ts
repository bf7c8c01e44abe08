import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { countFrom } from '../fixtures/count-from.js'
import { random } from '../fixtures/random.js'
import { truthServer } from '../fixtures/truth/app.js'
import { expectedTally, tallyAtRest } from '../fixtures/truth/compare.js'
import type { Fate, TruthServer } from '../fixtures/truth/fate.js'
import { fates } from '../fixtures/truth/fates/index.js'

/** CI plays ten times as many. */
const FATES = countFrom('TRUTH_FATES', 1000)
const AT_ONCE = 50
/** `TRUTH_SEED=… npm run test:unit -- test/requests/random-fates.test.ts` repeats a run. */
const SEED = countFrom('TRUTH_SEED', 1)

interface Played {
  readonly server: TruthServer
  readonly fates: Fate[]
}

/** Rejects if it is not over within a bound, so that the fate that hangs is named. */
async function inTime (fate: Promise<void>): Promise<void> {
  const abort = new AbortController()
  const late = delay(60_000, undefined, { signal: abort.signal }).then(() => { throw new Error('It does not end') })
  await Promise.race([fate, late]).finally(() => abort.abort())
}

t.test(`counts ${FATES} random fates exactly once (TRUTH_SEED=${SEED})`, async t => {
  t.comment(`TRUTH_SEED=${SEED}`)
  const next = random(SEED)
  const played = new Map<string, Played>()
  for (const kind of new Set(fates.map(({ server }) => server))) {
    for (const awaited of [false, true]) played.set(`${kind} ${awaited}`, { server: await truthServer(kind, { awaited }), fates: [] })
  }
  t.teardown(() => Promise.all([...played.values()].map(({ server }) => server.end())))

  // What is played is decided by the seed alone, whatever the order in which the players are free.
  const script = Array.from({ length: FATES }, () => {
    const fate = fates[Math.floor(next() * fates.length)]!
    const stage = played.get(`${fate.server} ${next() < 0.5}`)!
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
    const expected = expectedTally(fates)
    const ended = fates.reduce((sum, { counted }) => sum + counted.length, 0)
    t.strictSame(await tallyAtRest(server.fastify, ended), expected, `${ended} requests on ${stage}`)
  }
})
