import t from 'tap'
import { attacks } from './fixtures/attacks/index.js'
import { createRandom } from './fixtures/random.js'
import { readCount } from './fixtures/read-count.js'

/** `ATTACK_SEED=…` repeats a run. `npm run attack` runs more and larger rounds. */
const SEED = readCount('ATTACK_SEED', 1)
const ROUNDS = readCount('ATTACK_ROUNDS', 1)
const SIZE = readCount('ATTACK_SIZE', 20)

for (const attack of attacks) {
  t.test(`withstands ${attack.name}`, async t => {
    for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
      await t.resolves(attack.run(createRandom(seed), SIZE), `ATTACK_SEED=${seed} ATTACK_SIZE=${SIZE}`)
    }
  })
}
