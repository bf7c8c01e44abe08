// `npm run attack`: runs the attacks that the unit tests run once, more often and larger. `npm run attack -- 5` starts
// with the seed 5. The message of an attack that succeeds has its seed.
import { spawn } from 'node:child_process'
import { env, execPath } from 'node:process'

const [seed = String(1 + Math.floor(Math.random() * 1e6))] = process.argv.slice(2)
const rounds = { ATTACK_SEED: seed, ATTACK_ROUNDS: '25', ATTACK_SIZE: '60', ...env }
console.log(`# ATTACK_SEED=${rounds.ATTACK_SEED}`)
const args = ['.build/unit.js', '-t', '900', 'test/attacks.test.ts']
const tests = spawn(execPath, args, { stdio: 'inherit', env: rounds })
tests.once('exit', code => { process.exitCode = code ?? 1 })
