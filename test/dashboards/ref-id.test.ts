import t from 'tap'
import { refIdOf } from '../../dashboards/src/ref-id.js'

t.test('identifies queries by letters', async t => {
  t.strictSame([0, 1, 25].map(refIdOf), ['A', 'B', 'Z'])
})
