import t from 'tap'
import { OptionChecker } from '../../lib/options/option-checker.js'
import { nonEmptyString, labels, options, secret, integer } from '../../lib/options/rules.js'

const known = new OptionChecker([
  ['', { size: integer(1), names: labels, door: options, list: ['a list', Array.isArray] }],
  ['door.', { code: secret(nonEmptyString), size: integer(1) }]
], ['door.code'])
const unknown = { code: 'DYNOAI_METRICS_ERR_UNKNOWN_OPTION' }

t.test('gives a copy of what is right', async t => {
  const given = { size: 5, names: { a: 'x' }, door: { code: 'c' }, list: [1] }
  const checked = known.check(given)
  t.strictSame(JSON.parse(JSON.stringify(checked)), given)
  for (const name of ['names', 'door', 'list'] as const) t.not(checked[name], given[name])
  t.strictSame(Object.keys(known.check({ size: undefined })), ['size'])
})

t.test('says what is known, or where a name belongs in any spelling', async t => {
  t.throws(() => known.check({ sizes: 1 }), { ...unknown, message: /'sizes' is unknown \(did you mean 'size'\?\), known are size, names, door, list\. Received: a number, not shown/ })
  t.throws(() => known.check({ list: 1 }, 'door.'), { ...unknown, message: /'door.list' is unknown \(did you mean 'list'\?\)/ })
  t.throws(() => known.check({ SIZE: 1 }, 'door.'), { ...unknown, message: /'door.SIZE' is unknown \(did you mean 'size' or 'door\.size'\?\)/ })
  t.throws(() => known.check({ a: 1 }, 'window.'), { ...unknown, message: /'window\.a' is unknown\. Received/ })
})

t.test('shows what is wrong, unless it is a secret', async t => {
  t.throws(() => known.check({ size: 0 }), { code: 'DYNOAI_METRICS_ERR_OPTION', message: /'size' must be .* Received: 0/ })
  t.throws(() => known.check({ code: 5 }, 'door.'), { code: 'DYNOAI_METRICS_ERR_OPTION', message: /Received: a number, not shown/ })
})

t.test('takes no credential for a label', async t => {
  t.throws(() => known.check({ names: { Code: 's3cret' } }), { ...unknown, message: /^(?!.*s3cret).*'names.Code' is unknown \(did you mean 'door\.code'\?\)/ })
  t.strictSame(known.check({ names: { size: 'x' } })['names'], { size: 'x' })
})

t.test('finds its own among the options of another', async t => {
  t.throws(() => known.rejectPluginOptions({ theirs: 1, Code: 's3cret' }, 'route.', []), { ...unknown, message: /^(?!.*s3cret).*'route.Code' is unknown \(did you mean 'door\.code'\?\)/ })
  t.doesNotThrow(() => known.rejectPluginOptions({ theirs: 1, size: 1 }, 'route.', ['size']))
  t.throws(() => known.rejectPluginOptions({ Size: 1 }, 'route.', ['size']), unknown)
})
