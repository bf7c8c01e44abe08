import t from 'tap'
import { readLines } from '../../../../examples/dynoai-api/dyno-log/read-lines.js'

/** Returns the lines of chunks with their numbers. */
async function read (chunks: readonly string[], maxLength?: number): Promise<Array<[line: number, text: string]>> {
  const lines: Array<[line: number, text: string]> = []
  async function * texts () {
    yield * chunks
  }
  for await (const { first, texts: found } of readLines(texts(), maxLength)) {
    lines.push(...found.map((text, index): [line: number, text: string] => [first + index, text]))
  }
  return lines
}

t.test('numbers lines with any ending, in chunks of any size', async t => {
  for (const end of ['\n', '\r', '\r\n']) {
    for (const last of ['', end]) {
      const text = ['a', '', 'bc', '', '', 'd', 'efg'].join(end) + last
      for (const size of [1, 2, 3, 100]) {
        const chunks = Array.from({ length: Math.ceil(text.length / size) },
          (_, n) => text.slice(n * size, (n + 1) * size))
        const lines = (await read(chunks)).filter(([, line]) => line !== '')
        t.strictSame(lines, [[1, 'a'], [3, 'bc'], [6, 'd'], [7, 'efg']], `${JSON.stringify(end)}, ${size} at once`)
      }
    }
  }
})

t.test('throws for a line with more characters than the limit, with its number and length', async t => {
  const cases: Array<[chunks: string[], seen: string]> = [
    [['abcde\n'], 'line 1 has 5 characters'],
    [['abc', 'de'], 'line 1 has at least 5 characters'],
    [['ab\nc', 'def', 'g\n'], 'line 2 has 5 characters'],
    [['ab\rcde', 'fg', 'h\n'], 'line 2 has at least 5 characters'],
    [['\r', '\nabcd\r\n', 'abcdefg', '\n'], 'line 3 has at least 7 characters']
  ]
  for (const [chunks, seen] of cases) {
    await t.rejects(read(chunks, 4), {
      code: 'DYNOAI_ERR_LOG_MALFORMED',
      message: `The log is not a well-formed table: ${seen}; a line has at most 4.`
    }, JSON.stringify(chunks))
  }
  t.strictSame(await read(['ab', 'cd\nab', 'cd\n'], 4), [[1, 'abcd'], [2, 'abcd']])
})
