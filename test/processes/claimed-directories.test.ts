import t from 'tap'
import {
  checkUnclaimed, claimDirectory, conflictError, unclaimDirectory
} from '../../lib/processes/claimed-directories.js'

function createClaim (isYielding: boolean) {
  return { isYielding, ends: 0, end () { this.ends++ } }
}

t.test('a directory belongs to one plugin instance at a time, of all copies of the package', async t => {
  // Not `t.mockImport`, whose second call in a process hangs on Node 20.20.2.
  const specifier = '../../lib/processes/claimed-directories.js?copy'
  const copy = await import(specifier) as typeof import('../../lib/processes/claimed-directories.js')
  t.not(copy.claimDirectory, claimDirectory, 'there are two copies')
  const directory = t.testdirName
  const claim = createClaim(false)
  claimDirectory(directory, claim)
  const error = conflictError(directory)
  t.match(error, { code: 'DYNOAI_METRICS_ERR_OPTION', message: /'processes' must be false, or another directory/ })
  t.throws(() => { checkUnclaimed(directory) }, error)
  t.throws(() => { claimDirectory(directory, createClaim(false)) }, error)
  t.throws(() => { copy.checkUnclaimed(directory) }, error)
  checkUnclaimed(`${directory}-2`)
  unclaimDirectory(directory, claim)
  t.equal(claim.ends, 0)
  checkUnclaimed(directory)
})

t.test('an instance that yields ends when another one claims its directory', async t => {
  const directory = t.testdirName
  const [first, second] = [createClaim(true), createClaim(true)]
  claimDirectory(directory, first)
  checkUnclaimed(directory)
  claimDirectory(directory, second)
  t.strictSame([first.ends, second.ends], [1, 0])
  unclaimDirectory(directory, first)
  second.isYielding = false
  t.throws(() => { checkUnclaimed(directory) }, conflictError(directory))
  unclaimDirectory(directory, second)
})
