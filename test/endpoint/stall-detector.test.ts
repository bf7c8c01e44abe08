import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { StallDetector, STALLED_AFTER } from '../../lib/endpoint/stall-detector.js'
import { openResponse } from '../fixtures/open-response.js'

t.test('waits for a client that reads a part of a large write, and reports one that reads nothing more', async t => {
  const { response, client, readPart, queueSettled } = await openResponse(t)
  t.clock.enter()
  let stalls = 0
  const detector = new StallDetector(response, () => { stalls++ })
  client.pause()
  response.write(Buffer.alloc(50_000_000))
  detector.restart()
  await readPart()
  t.clock.advance(STALLED_AFTER)
  t.equal(stalls, 0)
  await queueSettled() // bytes that the client requested before the pause may still arrive
  t.clock.advance(STALLED_AFTER)
  await nextTurn()
  t.clock.advance(STALLED_AFTER)
  t.equal(stalls, 1)
})

t.test('reports nothing before the time has passed, and nothing after it is stopped', async t => {
  const { response } = await openResponse(t)
  t.clock.enter()
  let stalls = 0
  const detector = new StallDetector(response, () => { stalls++ })
  for (let restart = 0; restart < 3; restart++) {
    detector.restart()
    await nextTurn()
    t.clock.advance(STALLED_AFTER - 1)
    t.equal(stalls, 0)
  }
  detector.stop()
  t.clock.advance(2 * STALLED_AFTER)
  t.equal(stalls, 0)
})
