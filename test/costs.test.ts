import { readFileSync } from 'node:fs'
import t from 'tap'
import { COSTS, costsBlock } from './bench/costs.js'
import { replaceBlock } from './bench/marked-block.js'
import { report } from './bench/report.js'
import type { Results } from './bench/results.js'
import { SCALING, scalingBlock } from './bench/scaling.js'
import { root } from './fixtures/root.js'

const read = (name: string): string => readFileSync(new URL(name, root), 'utf8')
const results: Results = JSON.parse(read('test/bench/results.json'))
const { begin: BEGIN, end: END } = COSTS

t.test('the costs in the README are written from the results on record', async t => {
  const readme = read('README.md')
  t.equal(replaceBlock(readme, COSTS, costsBlock(results)), readme, 'run `npm run bench -- --again`')
})

t.test('the growth in docs/scaling.md is written from the results on record', async t => {
  const text = read(SCALING.file)
  t.equal(replaceBlock(text, SCALING, scalingBlock(results)), text, 'run `npm run bench -- --again`')
})

t.test('RESULTS.md is written from the results on record', async t => {
  t.equal(read('test/bench/RESULTS.md'), report(results), 'run `npm run bench -- --again`')
})

t.test('costs follow the results', async t => {
  const hooks = results.hooks.map(result => ({ ...result, nanoseconds: { median: 123.6, spread: 0.1 }, bytes: 7.4 }))
  const block = costsBlock({ ...results, hooks })
  t.match(block, '| a request, in the hooks | 124 ns, 7 B | 124 ns, 7 B | 124 ns, 7 B |')
  const unchanged = costsBlock(results).split('\n').filter(line => !line.startsWith('| a request, in the hooks |'))
  t.strictSame(block.split('\n').filter(line => !line.includes('124 ns')), unchanged)
})

t.test('costs are not written from incomplete results', async t => {
  t.throws(() => costsBlock({ ...results, hooks: [] }), { message: "There is no result of 'dynoai-metrics'" })
})

t.test('replaces the costs between the markers only', async t => {
  t.equal(replaceBlock(`before ${BEGIN} old ${END} after`, COSTS, 'new'), 'before new after')
})

const WRONG = {
  'without markers': 'text',
  'without a start marker': `text ${END}`,
  'without an end marker': `${BEGIN} text`,
  'with the end marker first': `${END} text ${BEGIN}`,
  'with two start markers': `${BEGIN} text ${BEGIN} text ${END}`,
  'with two end markers': `${BEGIN} text ${END} text ${END}`
}
for (const [name, readme] of Object.entries(WRONG)) {
  t.test(`rejects a README ${name}`, async t => {
    const message = `README.md needs the line '${BEGIN}' once, and the line '${END}' once after it`
    t.throws(() => replaceBlock(readme, COSTS, 'new'), { message })
  })
}
