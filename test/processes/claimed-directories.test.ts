import t from 'tap'
import { checkUnclaimed, claim } from '../../lib/processes/claimed-directories.js'

t.test('a directory belongs to one plugin instance at a time, of all copies of the package', async t => {
  const path = import.meta.resolve('../../lib/processes/claimed-directories.js')
  const copy = await t.mockImport<typeof import('../../lib/processes/claimed-directories.js')>(path)
  const directory = t.testdirName
  const release = claim(directory)
  const error = {
    code: 'DYNOAI_METRICS_ERR_OPTION', message: '\'processes\' must be false, or another directory'
  }
  t.throws(() => { checkUnclaimed(directory) }, { code: error.code })
  t.throws(() => { claim(directory) }, { message: new RegExp(error.message) })
  t.throws(() => { copy.checkUnclaimed(directory) }, { code: error.code })
  checkUnclaimed(`${directory}-2`)
  release()
  claim(directory)()
})
