import t from 'tap'
import { NameOwners } from '../../lib/exposition/name-owners.js'

t.test('assigns each name to one owner, and either all names of a family or none', async t => {
  const [a, b] = [{}, {}]
  for (const type of ['histogram', 'summary']) {
    const suffixes =
      type === 'histogram' ? ['', '_bucket', '_sum', '_count', '_created'] : ['', '_sum', '_count', '_created']
    for (const suffix of suffixes) {
      const owners = new NameOwners()
      t.ok(owners.claim(a, 'x', type))
      t.notOk(owners.claim(b, `x${suffix}`, 'gauge'), `x${suffix}`)

      const reversed = new NameOwners()
      t.ok(reversed.claim(a, `x${suffix}`, 'gauge'))
      t.notOk(reversed.claim(b, 'x', type))
      t.strictSame(suffixes.filter(other => reversed.has(`x${other}`)), [suffix])
    }
  }
})

t.test('assigns more names to an owner of some of them', async t => {
  const owners = new NameOwners()
  const owner = {}
  t.ok(owners.claim(owner, 'x', 'gauge'))
  t.ok(owners.claim(owner, 'x', 'histogram'))
  t.ok(owners.has('x_bucket'))
})
