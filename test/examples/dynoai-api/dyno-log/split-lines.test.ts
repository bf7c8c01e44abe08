import t from 'tap'
import { splitLines } from '../../../../examples/dynoai-api/dyno-log/split-lines.js'

t.test('divides lines at separators outside of quotation marks, and leaves out empty lines', async t => {
  const cases: Array<[text: string, fields: string[]]> = [
    ['1,2', ['1', '2']], ['1', ['1']], [',', ['', '']], [' ', [' ']], ['"1,5",2', ['1,5', '2']],
    ['"1""",2', ['1"', '2']], ['5" pipe,2', ['5" pipe', '2']], ['""', ['']]
  ]
  const texts = cases.flatMap(([text]) => ['', text, ''])
  t.strictSame(splitLines({ first: 1, texts }, ','), cases.map(([, fields]) => fields))
  for (const [text, fields] of cases) t.strictSame(splitLines({ first: 1, texts: [text] }, ','), [fields], text)
})

t.test('names the line with too many separators, or with a quotation mark without a counterpart', async t => {
  const cases: Array<[texts: string[], message: RegExp]> = [
    [[','.repeat(1000), ','.repeat(1001)], /: line 8 has 1001 separators of fields; a line has at most 1000\.$/],
    [[`"${','.repeat(1001)}"`], /: line 7 has 1001 separators of fields/],
    [['"1"', '', '"1', '1"'], /: in line 9, a quotation mark at the start of a field has no counterpart\.$/],
    [['1', '"1'], /: in line 8, a quotation mark/]
  ]
  for (const [texts, message] of cases) {
    t.throws(() => splitLines({ first: 7, texts }, ','), { message, code: 'DYNOAI_ERR_LOG_MALFORMED' })
  }
  t.same(splitLines({ first: 1, texts: [','.repeat(1001)] }, ';'), [[','.repeat(1001)]], 'another separator')
})
