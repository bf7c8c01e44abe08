import t from 'tap'
import { limitLines } from '../../../../examples/dynoai-api/dyno-log/limit-lines.js'

async function passed (chunks: readonly string[], limit: number): Promise<string> {
  let text = ''
  async function * buffers () {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  for await (const chunk of limitLines(buffers(), limit)) text += chunk.toString()
  return text
}

t.test('passes on lines up to the limit, whatever ends them', async t => {
  for (const end of ['\n', '\r', '\r\n']) {
    const chunks = ['ab', `cd${end}ab`, 'cd', `${end}abcd`, `${end}${end}`, 'abcd']
    t.equal(await passed(chunks, 4), chunks.join(''), JSON.stringify(end))
  }
})

t.test('throws at a line that goes on beyond the limit', async t => {
  const error = { code: 'DYNOAI_ERR_LOG_MALFORMED', message: 'The log is not a well-formed table: a line is longer than 4 bytes.' }
  for (const chunks of [['abcde'], ['abc', 'de'], ['ab\nc', 'def', 'g'], ['ab\rcde', 'fg\n']]) {
    await t.rejects(passed(chunks, 4), error, JSON.stringify(chunks))
  }
})
