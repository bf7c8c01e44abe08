import t from 'tap'
import { readCount } from '../fixtures/read-count.js'
import { runSoak } from '../soak/soak.js'

/** `SOAK_SEED=…` repeats a run; `npm run soak` runs longer. */
const SEED = readCount('SOAK_SEED', 1)

t.setTimeout(600_000)

t.test('processes that are killed and restarted under load count what their clients did', async t => {
  const { summary, faults } = await runSoak({ seconds: 20, seed: SEED })
  for (const line of summary) t.comment(line)
  t.strictSame(faults, [], `SOAK_SEED=${SEED}`)
})
