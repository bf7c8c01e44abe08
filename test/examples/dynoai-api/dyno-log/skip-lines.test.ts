import t from 'tap'
import { skipLines } from '../../../../examples/dynoai-api/dyno-log/skip-lines.js'

async function skip (chunks: readonly string[], count: number): Promise<string> {
  let text = ''
  async function * texts () {
    yield * chunks
  }
  for await (const chunk of skipLines(texts(), count)) text += chunk
  return text
}

t.test('drops lines with any ending, in chunks of any size', async t => {
  for (const end of ['\n', '\r', '\r\n']) {
    const text = ['a', '', 'bc', 'd', 'e'].join(end)
    for (const [count, rest] of [[0, text], [1, ['', 'bc', 'd', 'e']], [3, ['d', 'e']], [4, ['e']], [9, []]] as const) {
      const expected = typeof rest === 'string' ? rest : rest.join(end)
      for (const size of [1, 2, 3, 100]) {
        const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size,
          (n + 1) * size))
        t.equal(await skip(chunks, count), expected, `${count} lines of ${JSON.stringify(end)} in chunks of ${size}`)
      }
    }
  }
})
