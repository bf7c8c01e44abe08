import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { RequestsInFlight } from '../../lib/requests/in-flight.js'
import type { InFlightRequest } from '../../lib/requests/in-flight.js'

/** A connection and requests over it, and what is to be settled of them. */
function setUp (destroyed = false) {
  const settled: string[] = []
  const requests = new RequestsInFlight((request, closed) => {
    settled.push(`${request.id} ${closed ? 'closed' : 'asked'}`)
    if (closed || request.body === 'over') requests.leave(request, reply)
  })
  const socket = Object.assign(new EventEmitter(), { destroyed })
  const reply = { raw: new EventEmitter() } as never
  const enter = (id: string, body?: string): InFlightRequest => {
    const request = { id, body, raw: { socket } } as unknown as InFlightRequest
    requests.enter(request, reply)
    return request
  }
  return { enter, leave: (request: InFlightRequest) => requests.leave(request, reply), settled, socket }
}

t.test('settles what remains when the connection closes, whatever has left in between', async t => {
  const orders: ReadonlyArray<readonly [leaving: string, remaining: string[]]> = [
    ['', ['c closed', 'b closed', 'a closed']],
    ['a', ['c closed', 'b closed']],
    ['b', ['c closed', 'a closed']],
    ['c', ['b closed', 'a closed']],
    ['ab', ['c closed']],
    ['ba', ['c closed']],
    ['bc', ['a closed']],
    ['cba', []],
    ['abc', []]
  ]
  for (const [leaving, remaining] of orders) {
    const { enter, leave, settled, socket } = setUp()
    const requests: Record<string, InFlightRequest> = { a: enter('a'), b: enter('b'), c: enter('c') }
    for (const id of leaving) leave(requests[id]!)
    settled.length = 0
    socket.emit('close')
    t.strictSame(settled, remaining, `after ${leaving || 'none'}`)
  }
})

t.test('listens once to a connection, and holds no request that has left', async t => {
  const { enter, leave, settled, socket } = setUp()
  for (const id of ['a', 'b', 'c']) leave(enter(id))
  t.equal(socket.listenerCount('close'), 1)
  t.strictSame(settled, [], 'one after the other, none is left to ask about')
  const held = Object.getOwnPropertySymbols(socket).map(symbol => Reflect.get(socket, symbol)).filter(value => value?.raw !== undefined)
  t.strictSame(held, [])
})

t.test('asks the requests before when the next one comes', async t => {
  const { enter, settled, socket } = setUp()
  enter('over', 'over')
  enter('pipelined')
  t.strictSame(settled, ['over asked'])
  enter('last')
  t.strictSame(settled, ['over asked', 'pipelined asked'])
  socket.emit('close')
  t.strictSame(settled.slice(2), ['last closed', 'pipelined closed'])
})

t.test('settles a request that comes when the connection has closed already', async t => {
  const { enter, settled, socket } = setUp(true)
  enter('late')
  t.strictSame(settled, [])
  await nextTurn()
  t.strictSame(settled, ['late closed'])
  enter('later')
  await nextTurn()
  t.strictSame(settled, ['late closed', 'later closed'])
  t.equal(socket.listenerCount('close'), 0)
})
