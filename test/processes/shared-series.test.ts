import t from 'tap'
import type { FamilyDefinition } from '../../lib/processes/definition.js'
import { SharedLabels, SharedSeries } from '../../lib/processes/shared-series.js'

t.test('slots with the same labels share an id as long as one of them uses it', async t => {
  const series = new SharedSeries(['user'])
  const id = series.use(['a'])
  t.equal(series.use(['a']), id)
  t.strictSame(series.labelsOf(id), ['a'])
  const generation = series.generationOf(id)
  series.release(id)
  t.equal(series.generationOf(id), generation)
  series.release(id)
  t.equal(series.use(['b']), id, 'the id is used again')
  t.not(series.generationOf(id), generation)
  t.strictSame(series.labelsOf(id), ['b'])
})

t.test('there can be many series', async t => {
  const series = new SharedSeries(['user', 'shop'])
  const ids = Array.from({ length: 1000 }, (_, i) => series.use([`${i}`, 'x']))
  t.equal(new Set(ids).size, 1000)
  t.equal(series.length, 1000)
  for (const [i, id] of ids.entries()) if (series.labelsOf(id)[0] !== `${i}`) t.fail(String(i))
})

t.test('metrics with the same name and labels share their series', async t => {
  const labels = new SharedLabels()
  const definition = { name: 'a', labelNames: ['x', 'y'] } as unknown as FamilyDefinition
  const series = labels.use(definition)
  t.equal(labels.use(definition), series)
  t.not(labels.use({ ...definition, labelNames: ['x'] }), series)
  t.not(labels.use({ ...definition, name: 'b' }), series)
  labels.release(definition)
  t.equal(labels.use(definition), series, 'one user is left')
  labels.release(definition)
  labels.release(definition)
  t.not(labels.use(definition), series)
})
