import fc from 'fast-check'
import t from 'tap'
import { NONE } from '../../lib/series/label-values.js'
import { SeriesTable } from '../../lib/series/series-table.js'

const LISTED = ['ok', 'error', 'constructor', ...Array.from({ length: 9 }, (_, i) => `listed-${i}`)]
const FREE = ['', 'a', 'b', 'toString', '__proto__', '__overflow__', 'é', 'x'.repeat(256)]

/** A table in which some labels take any value. */
const createOpenTable = (): SeriesTable => new SeriesTable({
  width: 2,
  limit: 10_000,
  labels: [
    { name: 'status', listed: LISTED, fallback: 'ok' },
    { name: 'user', listed: [] },
    { name: 'shop', listed: [], fallback: 'north' }
  ]
})

/** A table in which all labels list their values. */
const createClosedTable = (): SeriesTable => new SeriesTable({
  width: 1,
  labels: [{ name: 'a', listed: ['x', 'y'] }, { name: 'b', listed: ['p', 'q', 'r'], fallback: 'q' }]
})

t.test('a closed table has all of its series from the start, in the order of the lists', async t => {
  const table = createClosedTable()
  t.strictSame([...table.indices()].map(index => table.labelsAt(index)), [
    { a: 'x', b: 'p' },
    { a: 'x', b: 'q' },
    { a: 'x', b: 'r' },
    { a: 'y', b: 'p' },
    { a: 'y', b: 'q' },
    { a: 'y', b: 'r' }
  ])
  for (const index of table.indices()) {
    t.equal(table.find(table.labelsAt(index)), index)
    t.equal(table.findByValues(Object.values(table.labelsAt(index))), index)
  }
  t.equal(table.find({ a: 'y' }), 4, 'a missing label has its fallback')
  t.equal(table.findByValues(['x', 'none']), NONE)
  table.pages.pageOf(4).numbers[4] = 7
  table.remove(4)
  t.equal(table.find({ a: 'y' }), 4, 'a removed series still exists')
  t.equal(table.pages.pageOf(4).numbers[4], 0, 'a removed series is reset to 0')
})

t.test('a table without labels has one series', async t => {
  const table = new SeriesTable({ width: 1, labels: [] })
  t.strictSame([...table.indices()], [0])
  t.strictSame(table.labelsAt(0), {})
  t.equal(table.findByValues([]), 0)
})

t.test('finds a series by the own properties of an object of labels', async t => {
  const table = createOpenTable()
  const index = table.add(['error', 'a', 'north'])
  t.equal(table.find({ status: 'error', user: 'a' }), index)
  t.equal(table.find({ user: 'a', shop: 'north', status: 'error' }), index, 'in any order')
  const notFound: ReadonlyArray<readonly [name: string, labels: object]> = [
    ['an empty object', {}],
    ['an array', []],
    ['an array with labels', Object.assign([], { status: 'error', user: 'a' })],
    ['a date', new Date()],
    ['a missing label without a fallback', { status: 'error' }],
    ['a value that is not listed', { status: 'none', user: 'a' }],
    ['an unknown label', { status: 'error', user: 'a', more: 'b' }],
    ['a value that no series has', { status: 'error', user: 'b' }],
    ['values that no series combines', { status: 'ok', user: 'a' }],
    ['null', { status: 'error', user: null }],
    ['a bigint', { status: 'error', user: 1n }],
    ['undefined', { status: 'error', user: 'a', shop: undefined }],
    ['a long value', { status: 'error', user: 'a'.repeat(257) }],
    ['an inherited label', Object.create({ status: 'error', user: 'a' })],
    ['an inherited label and an own one', Object.assign(Object.create({ user: 'a' }), { status: 'error' })],
    ['getters of a class', new class { get status () { return 'error' } get user () { return 'a' } }()]
  ]
  for (const [name, labels] of notFound) t.equal(table.find(labels as Record<string, unknown>), NONE, name)
})

t.test('a missing label among many does not take its value from the previous look-up', async t => {
  const labels = Array.from({ length: 40 }, (_, i) => ({ name: `l${i}`, listed: [], fallback: 'd' }))
  const table = new SeriesTable({ width: 1, labels })
  const all = Object.fromEntries(labels.map(({ name }, i) => [name, `v${i}`]))
  const index = table.add(Object.values(all))
  t.equal(table.find(all), index)
  const { l35: _, ...rest } = all
  t.equal(table.find(rest), NONE)
})

t.test('does not find a series when a getter of its labels looks up another one', async t => {
  const table = createOpenTable()
  table.add(['error', 'a', 'north'])
  table.add(['ok', 'b', 'north'])
  // The caller then looks up the series by checked values.
  const lookUps = [
    () => table.find({ status: 'ok', user: 'b' }),
    () => table.findByValues(['ok', 'b', 'north'])
  ]
  for (const lookUp of lookUps) {
    const labels = {
      status: 'error',
      get user () {
        lookUp()
        return 'a'
      }
    }
    t.equal(table.find(labels), NONE)
  }
})

t.test('finds numbers and booleans by their texts', async t => {
  const table = createOpenTable()
  for (const value of [0, -0, 42, 1.5, NaN, 1e21, true, false]) {
    const known = table.findByValues(['ok', String(value), 'north'])
    const index = known === NONE ? table.add(['ok', String(value), 'north']) : known
    t.equal(table.find({ user: value }), index, String(value))
  }
})

t.test('finds the same series as a Map, whatever series are added and removed', async t => {
  const values = fc.tuple(fc.constantFrom(...LISTED), fc.constantFrom(...FREE), fc.constantFrom(...FREE))
  const steps = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'remove'), values), { maxLength: 200 })
  t.doesNotThrow(() => {
    fc.assert(fc.property(steps, steps => {
      const table = createOpenTable()
      const model = new Map<string, { readonly texts: readonly string[], readonly index: number }>()
      for (const [step, texts] of steps) {
        const key = JSON.stringify(texts)
        const index = table.findByValues(texts)
        if (index !== (model.get(key)?.index ?? NONE)) throw new Error(`${key} at ${index}`)
        if (index === NONE && step === 'add') model.set(key, { texts, index: table.add(texts) })
        if (index === NONE || step === 'add') continue
        table.remove(index)
        model.delete(key)
      }
      if (table.pages.size !== model.size) throw new Error(`${table.pages.size} series for ${model.size}`)
      if ([...table.indices()].length !== model.size) throw new Error(`${table.pages.size} series are not all listed`)
      for (const { texts, index } of model.values()) {
        const [status, user, shop] = texts
        const key = JSON.stringify(texts)
        if (table.find({ status, user, shop }) !== index) throw new Error(`${key} is not found by an object`)
        if (texts.some((text, i) => table.labelValueAt(index, i) !== text)) throw new Error(`${key} has other labels`)
      }
    }))
  })
})

t.test('forgets the values of removed series, and reuses their index', async t => {
  const table = createOpenTable()
  for (let i = 0; i < 1000; i++) table.remove(table.add(['ok', `user-${i}`, `shop-${i}`]))
  t.equal(table.pages.length, 1, 'all series had the same index')
  t.equal(table.find({ user: 'user-1', shop: 'shop-1' }), NONE)
  const index = table.add(['ok', 'user-1', 'north'])
  t.equal(table.find({ user: 'user-1' }), index, 'the table still has the fallback')
})

t.test('finds the remaining series after every second one of 20,000 is removed', async t => {
  const table = new SeriesTable({ width: 1, labels: [{ name: 'user', listed: [] }, { name: 'item', listed: [] }] })
  const texts = Array.from({ length: 20_000 }, (_, i) => [`${i % 137}`, `${Math.floor(i / 137)}`] as const)
  const indices = texts.map(values => table.add(values))
  for (const [i, index] of indices.entries()) if (i % 2 === 0) table.remove(index)
  const found = texts.map(values => table.findByValues(values))
  t.ok(found.every((index, i) => index === (i % 2 === 0 ? NONE : indices[i])))
})
