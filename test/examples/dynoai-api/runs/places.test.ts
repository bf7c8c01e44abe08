import t from 'tap'
import { Places } from '../../../../examples/dynoai-api/runs/places.js'

t.test('gives places up to its limit, and tells when all are free', async t => {
  const places = new Places(2)
  await places.idle()
  const [first, second] = [places.take(), places.take()]
  t.match({ taken: places.taken, isFull: places.isFull }, { taken: 2, isFull: true })
  const error = { statusCode: 429, code: 'DYNOAI_ERR_BUSY', message: /^Too many logs are waiting for their analysis\. / }
  t.throws(() => places.take(), error)
  t.throws(() => places.check(), error)
  let isIdle = false
  const idle = Promise.all([places.idle(), places.idle()]).then(() => { isIdle = true })
  first()
  places.check()
  await new Promise(setImmediate)
  t.match({ taken: places.taken, isFull: places.isFull, isIdle }, { taken: 1, isFull: false, isIdle: false })
  second()
  await idle
  t.equal(places.taken, 0)
})
