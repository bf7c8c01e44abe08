import t from 'tap'
import { parseExposition, sum } from '../../../../examples/dynoai-api/demo/exposition.js'

t.test('parses samples with and without labels, and ignores comments', async t => {
  const text = [
    '# HELP a_total What is a="1" 2?',
    '# TYPE a_total counter',
    'a_total 3',
    'a_total{x="1",y="two, three"} 4.5 1700000000000',
    '',
    'b_bucket{le="+Inf",path="/a/{b}"} 1e+21',
    'c +Inf',
    'c{} -Inf',
    ''
  ].join('\n')

  t.strictSame(parseExposition(text), [
    { name: 'a_total', labels: {}, value: 3 },
    { name: 'a_total', labels: { x: '1', y: 'two, three' }, value: 4.5 },
    { name: 'b_bucket', labels: { le: '+Inf', path: '/a/{b}' }, value: 1e21 },
    { name: 'c', labels: {}, value: Infinity },
    { name: 'c', labels: {}, value: -Infinity }
  ])
  t.strictSame(parseExposition('d NaN')[0]?.value, NaN)
})

t.test('parses escaped label values', async t => {
  t.strictSame(parseExposition(String.raw`a{x="\\n \" \n",y="},z=\""} 1`), [
    { name: 'a', labels: { x: '\\n " \n', y: '},z="' }, value: 1 }
  ])
})

t.test('sums the samples with the given labels', async t => {
  const samples = parseExposition('a{x="1",y="1"} 1\na{x="1",y="2"} 2\na{x="2"} 4\nb{x="1"} 8')

  t.equal(sum(samples, 'a'), 7)
  t.equal(sum(samples, 'a', { x: '1' }), 3)
  t.equal(sum(samples, 'a', { x: '1', y: '2' }), 2)
  t.equal(sum(samples, 'a', { x: '3' }), 0)
  t.equal(sum(samples, 'c'), 0)
})
