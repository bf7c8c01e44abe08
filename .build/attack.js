// `npm run attack`: many rounds of the attacks that the unit tests make once, and larger ones. `npm run attack -- 5` begins
// with the seed 5; the seed of an attack that is not withstood is in its message.
import { spawn } from 'node:child_process'
import { env, execPath } from 'node:process'

const [seed = String(1 + Math.floor(Math.random() * 1e6))] = process.argv.slice(2)
const rounds = { ATTACK_SEED: seed, ATTACK_ROUNDS: '25', ATTACK_SIZE: '60', ...env }
console.log(`# ATTACK_SEED=${rounds.ATTACK_SEED}`)
const tests = spawn(execPath, ['.build/unit.js', '-t', '900', 'test/attacks.test.ts'], { stdio: 'inherit', env: rounds })
tests.once('exit', code => { process.exitCode = code ?? 1 })
