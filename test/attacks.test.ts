import t from 'tap'
import { countFrom } from './fixtures/count-from.js'
import { drawFrom } from './fixtures/attacks/attack.js'
import { attacks } from './fixtures/attacks/index.js'

/** `ATTACK_SEED=…` repeats a run; `npm run attack` makes more and larger rounds. */
const SEED = countFrom('ATTACK_SEED', 1)
const ROUNDS = countFrom('ATTACK_ROUNDS', 1)
const SIZE = countFrom('ATTACK_SIZE', 20)

for (const attack of attacks) {
  t.test(`withstands ${attack.name}`, async t => {
    for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
      await t.resolves(attack.run(drawFrom(seed), SIZE), `ATTACK_SEED=${seed} ATTACK_SIZE=${SIZE}`)
    }
  })
}
