import t from 'tap'
import { limitLines } from '../../../../examples/dynoai-api/dyno-log/limit-lines.js'

/** Returns the text of chunks that `limitLines` passed through. */
async function readLimited (chunks: readonly string[], limit: number): Promise<string> {
  let text = ''
  async function * texts () {
    yield * chunks
  }
  for await (const chunk of limitLines(texts(), limit)) text += chunk
  return text
}

t.test('passes lines up to the limit through, with any line ending', async t => {
  for (const end of ['\n', '\r', '\r\n']) {
    const chunks = ['ab', `cd${end}ab`, 'cd', `${end}abcd`, `${end}${end}`, 'abcd']
    t.equal(await readLimited(chunks, 4), chunks.join(''), JSON.stringify(end))
  }
})

t.test('throws for a line that exceeds the limit', async t => {
  const message = 'The log is not a well-formed table: a line is longer than 4 characters.'
  const error = { code: 'DYNOAI_ERR_LOG_MALFORMED', message }
  for (const chunks of [['abcde'], ['abc', 'de'], ['ab\nc', 'def', 'g'], ['ab\rcde', 'fg\n']]) {
    await t.rejects(readLimited(chunks, 4), error, JSON.stringify(chunks))
  }
})
