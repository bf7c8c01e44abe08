import t from 'tap'
import type { FiredAlert } from './fired.js'
import { judge } from './judge.js'

const BROKEN_AT = 100
const alert = (title: string, firingAt = BROKEN_AT + 5): FiredAlert =>
  ({ title, severity: 'page', pendingAt: undefined, firingAt, firingUntil: firingAt + 10 })
const scenario = { job: 'a', expected: ['A', 'B'], allowed: { C: 'because of A' } }

/** What fired, by job, and what is wrong with it. */
const CASES: Readonly<Record<string, readonly [fired: Record<string, FiredAlert[]>, faults: readonly string[]]>> = {
  'all expected alerts': [{ a: [alert('A'), alert('B')] }, []],
  'an additional alert with a reason': [{ a: [alert('A'), alert('B'), alert('C')] }, []],
  'an additional alert without one': [{ a: [alert('A'), alert('B'), alert('D')] }, ['a: D fired']],
  'no alert': [{}, ['a: A did not fire', 'a: B did not fire']],
  'one of two': [{ a: [alert('B')] }, ['a: A did not fire']],
  'an alert before the service was broken': [{ a: [alert('A', 99), alert('B')] }, ['a: A fired too early']],
  'an alert of the healthy twin': [
    { a: [alert('A'), alert('B')], 'a-healthy': [alert('A')] }, ['a-healthy: A fired']
  ],
  'an alert without a job': [{ a: [alert('A'), alert('B')], '': [alert('A')] }, ['without a job: A fired']]
}

for (const [name, [fired, faults]] of Object.entries(CASES)) {
  t.test(`judges ${name}`, async t => {
    t.strictSame(judge([{ scenario, brokenAt: BROKEN_AT }], new Map(Object.entries(fired))), faults)
  })
}
