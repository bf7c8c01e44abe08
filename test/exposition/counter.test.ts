import t from 'tap'
import { ByteWriter } from '../../lib/exposition/byte-writer.js'
import { CounterRenderer } from '../../lib/exposition/counter.js'

t.test('writes the series of a counter, also those that come later', async t => {
  const series = [{ labels: { a: 'x"', b: 'y' }, count: 0 }, { labels: { a: 'longer', b: '' }, count: 2 ** 40 }]
  const renderer = new CounterRenderer({ name: 'c_total', series }, { pod: 'p' })
  for (const more of ['', 'c_total{a="new",b="",pod="p"} 7\n']) {
    if (more !== '') series.push({ labels: { a: 'new', b: '' }, count: 7 })
    const writer = new ByteWriter(8)
    t.strictSame([...renderer.write(writer)], [])
    t.equal(writer.written.toString(), `c_total{a="x\\"",b="y",pod="p"} 0\nc_total{a="longer",b="",pod="p"} ${2 ** 40}\n${more}`)
  }
  const bare = new ByteWriter(8)
  t.equal([...new CounterRenderer({ name: 'c', series: Array.from({ length: 1000 }, () => ({ labels: {}, count: 1 })) }, {}).write(bare)].length, 7)
  t.match(bare.written.toString(), /^c\{\} 1\nc\{\} 1\n/)
})
