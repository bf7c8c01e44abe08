import t from 'tap'

/**
 * Lets the tests of a group start. Otherwise its first test would start before the other files are imported, and a
 * module that is loaded under fake timers keeps the fake `Date`.
 */
export let startTests

t.before(() => new Promise(resolve => { startTests = resolve }))
