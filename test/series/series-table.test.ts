import fc from 'fast-check'
import t from 'tap'
import { NONE } from '../../lib/series/label-values.js'
import { SeriesTable } from '../../lib/series/series-table.js'

const LISTED = ['ok', 'error', 'constructor', ...Array.from({ length: 9 }, (_, i) => `listed-${i}`)]
const FREE = ['', 'a', 'b', 'toString', '__proto__', '__overflow__', 'é', 'x'.repeat(256)]

const open = (): SeriesTable => new SeriesTable({
  width: 2,
  limit: 10_000,
  labels: [{ name: 'status', listed: LISTED, fallback: 'ok' }, { name: 'user', listed: [] }, { name: 'shop', listed: [], fallback: 'north' }]
})

const closed = (): SeriesTable => new SeriesTable({
  width: 1,
  labels: [{ name: 'a', listed: ['x', 'y'] }, { name: 'b', listed: ['p', 'q', 'r'], fallback: 'q' }]
})

t.test('all series of a closed table are there, in the order of the lists', async t => {
  const table = closed()
  t.strictSame([...table.indices()].map(index => table.labelsAt(index)), [
    { a: 'x', b: 'p' }, { a: 'x', b: 'q' }, { a: 'x', b: 'r' }, { a: 'y', b: 'p' }, { a: 'y', b: 'q' }, { a: 'y', b: 'r' }
  ])
  for (const index of table.indices()) {
    t.equal(table.find(table.labelsAt(index)), index)
    t.equal(table.findByValues(Object.values(table.labelsAt(index))), index)
  }
  t.equal(table.find({ a: 'y' }), 4, 'a label that is left out has its fallback')
  t.equal(table.findByValues(['x', 'none']), NONE)
  table.pages.pageOf(4).numbers[4] = 7
  table.remove(4)
  t.equal(table.find({ a: 'y' }), 4, 'what is removed stays')
  t.equal(table.pages.pageOf(4).numbers[4], 0, 'at 0')
})

t.test('a table without labels has one series', async t => {
  const table = new SeriesTable({ width: 1, labels: [] })
  t.strictSame([...table.indices()], [0])
  t.strictSame(table.labelsAt(0), {})
  t.equal(table.findByValues([]), 0)
})

t.test('finds only what the own properties of an object of labels say', async t => {
  const table = open()
  const index = table.add(['error', 'a', 'north'])
  t.equal(table.find({ status: 'error', user: 'a' }), index)
  t.equal(table.find({ user: 'a', shop: 'north', status: 'error' }), index, 'in any order')
  const wrong: ReadonlyArray<readonly [name: string, labels: object]> = [
    ['nothing', {}],
    ['an array', []],
    ['an array with labels', Object.assign([], { status: 'error', user: 'a' })],
    ['a date', new Date()],
    ['a required label left out', { status: 'error' }],
    ['a value that is not listed', { status: 'none', user: 'a' }],
    ['an unknown label', { status: 'error', user: 'a', more: 'b' }],
    ['a value that no series has', { status: 'error', user: 'b' }],
    ['a series that is not there', { status: 'ok', user: 'a' }],
    ['no text', { status: 'error', user: null }],
    ['a bigint', { status: 'error', user: 1n }],
    ['undefined', { status: 'error', user: 'a', shop: undefined }],
    ['a long value', { status: 'error', user: 'a'.repeat(257) }],
    ['an inherited label', Object.create({ status: 'error', user: 'a' })],
    ['an inherited label beside an own one', Object.assign(Object.create({ user: 'a' }), { status: 'error' })],
    ['a getter of its class', new class { get status () { return 'error' } get user () { return 'a' } }()]
  ]
  for (const [name, labels] of wrong) t.equal(table.find(labels as Record<string, unknown>), NONE, name)
})

t.test('a label that is left out among very many is not taken from another look-up', async t => {
  const labels = Array.from({ length: 40 }, (_, i) => ({ name: `l${i}`, listed: [], fallback: 'd' }))
  const table = new SeriesTable({ width: 1, labels })
  const all = Object.fromEntries(labels.map(({ name }, i) => [name, `v${i}`]))
  const index = table.add(Object.values(all))
  t.equal(table.find(all), index)
  const { l35: _, ...rest } = all
  t.equal(table.find(rest), NONE)
})

t.test('a getter that looks for another series does not change what is found', async t => {
  const table = open()
  table.add(['error', 'a', 'north'])
  table.add(['ok', 'b', 'north'])
  const labels = {
    status: 'error',
    get user () {
      table.find({ status: 'ok', user: 'b' })
      return 'a'
    }
  }
  t.equal(table.find(labels), NONE, 'whoever asks looks closer')
  const byTexts = {
    status: 'error',
    get user () {
      table.findByValues(['ok', 'b', 'north'])
      return 'a'
    }
  }
  t.equal(table.find(byTexts), NONE, 'also of another kind')
})

t.test('numbers and booleans are found by their texts', async t => {
  const table = open()
  for (const value of [0, -0, 42, 1.5, NaN, 1e21, true, false]) {
    const known = table.findByValues(['ok', String(value), 'north'])
    const index = known === NONE ? table.add(['ok', String(value), 'north']) : known
    t.equal(table.find({ user: value }), index, String(value))
  }
})

t.test('finds what a map of all series finds, whatever comes and goes', async t => {
  const values = fc.tuple(fc.constantFrom(...LISTED), fc.constantFrom(...FREE), fc.constantFrom(...FREE))
  const steps = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'remove'), values), { maxLength: 200 })
  t.doesNotThrow(() => {
    fc.assert(fc.property(steps, steps => {
      const table = open()
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
      if ([...table.indices()].length !== model.size) throw new Error('places')
      for (const { texts, index } of model.values()) {
        const [status, user, shop] = texts
        if (table.find({ status, user, shop }) !== index) throw new Error(`${JSON.stringify(texts)} by an object`)
        if (texts.some((text, i) => table.labelValueAt(index, i) !== text)) throw new Error(`${JSON.stringify(texts)} read back`)
      }
    }))
  })
})

t.test('values that no series has any more are forgotten', async t => {
  const table = open()
  for (let i = 0; i < 1000; i++) table.remove(table.add(['ok', `user-${i}`, `shop-${i}`]))
  t.equal(table.pages.length, 1, 'the place is used again and again')
  t.equal(table.find({ user: 'user-1', shop: 'shop-1' }), NONE)
  const index = table.add(['ok', 'user-1', 'north'])
  t.equal(table.find({ user: 'user-1' }), index, 'a fallback stays')
})

t.test('thousands of series, of which each second one ends', async t => {
  const table = new SeriesTable({ width: 1, labels: [{ name: 'user', listed: [] }, { name: 'item', listed: [] }] })
  const texts = Array.from({ length: 20_000 }, (_, i) => [`${i % 137}`, `${Math.floor(i / 137)}`] as const)
  const indices = texts.map(one => table.add(one))
  for (let i = 0; i < texts.length; i += 2) table.remove(indices[i]!) // as many as texts
  const found = texts.map(one => table.findByValues(one))
  t.ok(found.every((index, i) => index === (i % 2 === 0 ? NONE : indices[i])))
})
