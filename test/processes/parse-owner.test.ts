import t from 'tap'
import { parseIdentity, parseOwner } from '../../lib/processes/parse-owner.js'
import { parseJson } from '../../lib/processes/small-file.js'
import { ownerOf, threadOf } from '../fixtures/processes/fake-system.js'

const owner = ownerOf(threadOf(7))

t.test('reads what was written', async t => {
  const onMacOS = ownerOf({ ...threadOf(7), thread: null, started: null, boot: null })
  for (const written of [owner, { ...owner, isReleased: true }, onMacOS]) {
    t.strictSame(parseOwner(parseJson(JSON.stringify(written))), written)
  }
  t.strictSame(parseIdentity(owner), threadOf(7))
})

t.test('knows nothing of an owner without a pid', async t => {
  const texts = [
    undefined, '', '{', 'null', '7', '"7"', '[]', '[7]', '{}', '{"pid":null}', '{"pid":"7"}', '{"pid":0}', '{"pid":-1}',
    '{"pid":1.5}', '{"pid":2147483648}', '{"pid":1e400}', '{"PID":7}', '{"pid":[7]}'
  ]
  for (const text of texts) {
    t.equal(parseOwner(parseJson(text)), undefined, String(text))
    t.equal(parseIdentity(parseJson(text)), undefined, String(text))
  }
})

t.test('drops each field with a wrong value', async t => {
  const long = 'x'.repeat(257)
  const noThread = { thread: null, started: null }
  const cases: ReadonlyArray<readonly [given: Record<string, unknown>, read: object]> = [
    [{ thread: 0 }, noThread],
    [{ thread: '7' }, noThread],
    [{ started: -1 }, noThread],
    [{ started: 2 ** 53 }, noThread],
    [{ started: undefined }, noThread],
    [{ boot: long }, { boot: null }],
    [{ boot: 1 }, { boot: null }],
    [{ namespace: {} }, { namespace: null }],
    [{ isReleased: 'true' }, { isReleased: false }],
    [{ interval: 0 }, { interval: null }],
    [{ interval: 1.5 }, { interval: null }],
    [{ version: long }, { version: null }],
    [{ other: 1, ['__proto__']: { interval: 1 } }, {}]
  ]
  for (const [given, read] of cases) {
    const file = parseJson(JSON.stringify({ ...owner, ...given }))
    t.strictSame(parseOwner(file), { ...owner, ...read }, JSON.stringify(Object.keys(given)))
  }
})
