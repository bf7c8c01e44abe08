import t from 'tap'
import { remember } from '../../../../examples/dynoai-api/dyno-log/remember.js'

t.test('reads a text once, also one without a result, as long as there are few', async t => {
  const read: string[] = []
  const readOnce = remember(text => {
    read.push(text)
    return text === '' ? undefined : Number(text)
  })
  let added = 0
  t.strictSame(['1', '', '1', ''].map(text => readOnce(text, () => { added++ })), [1, undefined, 1, undefined])
  t.strictSame([read, added], [['1', ''], 2])
  for (let number = 2; number <= 1000; number++) readOnce(String(number))
  t.equal(readOnce('1'), 1)
  t.equal(read.length, 1002, 'read again after 1000 others')
})
