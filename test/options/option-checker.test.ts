import t from 'tap'
import { OptionChecker } from '../../lib/options/option-checker.js'
import { nonEmptyString, labels, options, secret, integer } from '../../lib/options/rules.js'

const checker = new OptionChecker([
  ['', { size: integer(1), names: labels, door: options, list: ['a list', Array.isArray] }],
  ['door.', { code: secret(nonEmptyString), size: integer(1) }]
], ['door.code'])

/** The error for an unknown option. */
const unknown = (message: RegExp) => ({ code: 'DYNOAI_METRICS_ERR_UNKNOWN_OPTION', message })

t.test('returns a copy of valid options', async t => {
  const given = { size: 5, names: { a: 'x' }, door: { code: 'c' }, list: [1] }
  const checked = checker.check(given)
  t.strictSame(JSON.parse(JSON.stringify(checked)), given)
  for (const name of ['names', 'door', 'list'] as const) t.not(checked[name], given[name])
  t.strictSame(Object.keys(checker.check({ size: undefined })), ['size'])
})

t.test('proposes known options for an unknown one, in any letter case', async t => {
  t.throws(() => checker.check({ sizes: 1 }), unknown(
    /'sizes' is unknown \(did you mean 'size'\?\), known are size, names, door, list\. Received: a number, not shown/
  ))
  t.throws(() => checker.check({ list: 1 }, 'door.'), unknown(/'door.list' is unknown \(did you mean 'list'\?\)/))
  t.throws(() => checker.check({ SIZE: 1 }, 'door.'), unknown(
    /'door.SIZE' is unknown \(did you mean 'size' or 'door\.size'\?\)/
  ))
  t.throws(() => checker.check({ a: 1 }, 'window.'), unknown(/'window\.a' is unknown\. Received/))
})

t.test('shows a rejected value, unless it is a secret', async t => {
  t.throws(() => checker.check({ size: 0 }), {
    code: 'DYNOAI_METRICS_ERR_OPTION', message: /'size' must be .* Received: 0/
  })
  t.throws(() => checker.check({ code: 5 }, 'door.'), {
    code: 'DYNOAI_METRICS_ERR_OPTION', message: /Received: a number, not shown/
  })
})

t.test('rejects a credential among labels', async t => {
  t.throws(() => checker.check({ names: { Code: 's3cret' } }), unknown(
    /^(?!.*s3cret).*'names.Code' is unknown \(did you mean 'door\.code'\?\)/
  ))
  t.strictSame(checker.check({ names: { size: 'x' } })['names'], { size: 'x' })
})

t.test('rejects options of this plugin among those of another', async t => {
  t.throws(() => checker.rejectPluginOptions({ theirs: 1, Code: 's3cret' }, 'route.', []), unknown(
    /^(?!.*s3cret).*'route.Code' is unknown \(did you mean 'door\.code'\?\)/
  ))
  t.doesNotThrow(() => checker.rejectPluginOptions({ theirs: 1, size: 1 }, 'route.', ['size']))
  t.throws(() => checker.rejectPluginOptions({ Size: 1 }, 'route.', ['size']), {
    code: 'DYNOAI_METRICS_ERR_UNKNOWN_OPTION'
  })
})
