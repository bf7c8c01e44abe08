import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { RequestsInFlight } from '../../lib/requests/in-flight.js'
import type { InFlightRequest } from '../../lib/requests/in-flight.js'
import { createRandom } from '../fixtures/random.js'

/** A connection and requests over it, and what is to be settled of them. */
function setUp (destroyed = false) {
  const settled: string[] = []
  const requests = new RequestsInFlight((request, closed) => {
    settled.push(`${request.id} ${closed ? 'closed' : 'asked'}`)
    if (closed || request.body === 'over') requests.remove(request, reply)
  })
  const socket = Object.assign(new EventEmitter(), { destroyed })
  const reply = { raw: new EventEmitter() } as never
  const enterOne = (request: InFlightRequest): InFlightRequest => {
    requests.add(request, reply)
    return request
  }
  const add = (id: string, body?: string): InFlightRequest =>
    enterOne({ id, body, raw: { socket } } as unknown as InFlightRequest)
  return { add, enterOne, remove: (request: InFlightRequest) => requests.remove(request, reply), settled, socket }
}

t.test('settles what remains when the connection closes, oldest first, whatever has left in between', async t => {
  const orders: ReadonlyArray<readonly [leaving: string, remaining: string[]]> = [
    ['', ['a closed', 'b closed', 'c closed']],
    ['a', ['b closed', 'c closed']],
    ['b', ['a closed', 'c closed']],
    ['c', ['a closed', 'b closed']],
    ['ab', ['c closed']],
    ['ba', ['c closed']],
    ['bc', ['a closed']],
    ['cba', []],
    ['abc', []]
  ]
  for (const [leaving, remaining] of orders) {
    const { add, remove, settled, socket } = setUp()
    const requests: Record<string, InFlightRequest> = { a: add('a'), b: add('b'), c: add('c') }
    for (const id of leaving) remove(requests[id]!) // each is one of the three
    settled.length = 0
    socket.emit('close')
    t.strictSame(settled, remaining, `after ${leaving || 'none'}`)
  }
})

t.test('listens once to a connection, and holds no request that has left', async t => {
  const { add, remove, settled, socket } = setUp()
  for (const id of ['a', 'b', 'c']) remove(add(id))
  t.equal(socket.listenerCount('close'), 1)
  t.strictSame(settled, [], 'one after the other, none is left to ask about')
  const held = Object.getOwnPropertySymbols(socket).map(symbol => Reflect.get(socket, symbol)).filter(value => value?.raw !== undefined)
  t.strictSame(held, [])
})

t.test('settles the finished requests before the first unfinished one when the next arrives', async t => {
  const { add, settled, socket } = setUp()
  add('over', 'over')
  add('pipelined')
  t.strictSame(settled, ['over asked'])
  const last = add('last')
  t.strictSame(settled.splice(0), ['over asked', 'pipelined asked'])
  add('later')
  t.strictSame(settled.splice(0), ['pipelined asked'], 'no request behind one that is unfinished')
  Object.assign(last, { body: 'over' })
  socket.emit('close')
  t.strictSame(settled, ['pipelined closed', 'last closed', 'later closed'])
})

t.test('settles several finished requests at one arrival', async t => {
  const { add, settled, socket } = setUp()
  const requests = ['a', 'b', 'c'].map(id => add(id))
  for (const request of requests) Object.assign(request, { body: 'over' })
  settled.length = 0
  add('d')
  t.strictSame(settled.splice(0), ['a asked', 'b asked', 'c asked'])
  socket.emit('close')
  t.strictSame(settled, ['d closed'])
})

t.test('a request that has left holds no other', async t => {
  for (const leaving of ['abc', 'bac', 'cba']) {
    const { add, remove } = setUp()
    const requests: Record<string, InFlightRequest> = { a: add('a'), b: add('b'), c: add('c') }
    for (const id of leaving) remove(requests[id]!) // each is one of the three
    for (const [id, request] of Object.entries(requests)) {
      const held = Object.getOwnPropertySymbols(request).filter(symbol => Reflect.get(request, symbol) !== null)
      t.strictSame(held, [], `${id} after ${leaving}`)
    }
  }
})

t.test('ends when the connection closes though a request that was settled does not leave', async t => {
  const settled: string[] = []
  const requests = new RequestsInFlight(request => { settled.push(request.id) })
  const socket = Object.assign(new EventEmitter(), { destroyed: false })
  for (const id of ['a', 'b']) requests.add({ id, raw: { socket } } as unknown as InFlightRequest, {} as never)
  settled.length = 0
  socket.emit('close')
  t.strictSame(settled, ['a', 'b'])
})

/** `LIST_SEED=… npx tap test/requests/in-flight.test.ts` repeats a run. */
const SEED = Number(process.env['LIST_SEED'] ?? 1)

t.test(`settles each request of random arrivals and ends as a simple list does (LIST_SEED=${SEED})`, async t => {
  const { float, integer } = createRandom(SEED)
  for (let run = 0; run < 300; run++) {
    const { add, remove, settled, socket } = setUp()
    const model: InFlightRequest[] = []
    const expected: string[] = []
    const actions = integer(5, 64)
    for (let i = 0; i < actions; i++) {
      const action = float()
      if (action < 0.5 || model.length === 0) {
        while (model[0]?.body === 'over') expected.push(`${model.shift()?.id} asked`)
        if (model[0] !== undefined) expected.push(`${model[0].id} asked`)
        model.push(add(`${i}`))
      } else {
        const index = integer(0, model.length - 1)
        // The response of one ends, and a hook tells; or it does not.
        if (action < 0.8) remove(model.splice(index, 1)[0]!) // there is one at that place
        else Object.assign(model[index]!, { body: 'over' }) // likewise
      }
    }
    expected.push(...model.map(({ id }) => `${id} closed`))
    socket.emit('close')
    if (!t.strictSame(settled, expected, `run ${run}`)) break
  }
})

const COUNT = 2000

/** In which order `COUNT` requests leave that have all arrived; those that are not in it leave at the end. */
const ORDERS: Readonly<Record<string, (count: number) => Iterable<number>>> = {
  'oldest first': count => Array.from({ length: count }, (_, i) => i),
  'newest first': count => Array.from({ length: count }, (_, i) => count - 1 - i),
  'from the middle outwards': count =>
    Array.from({ length: count }, (_, i) => i % 2 === 0 ? (count + i) / 2 : (count - 1 - i) / 2),
  'every second first': count =>
    Array.from({ length: count }, (_, i) => 2 * i < count ? 2 * i : 2 * (i - count / 2) + 1),
  'at random': count => {
    const { float } = createRandom(1)
    return Array.from({ length: count }, (_, i) => ({ i, at: float() })).sort((a, b) => a.at - b.at).map(({ i }) => i)
  },
  'when the connection closes': () => []
}

/** How often requests are read from and written to while so many arrive and leave in this order. */
function steps (count: number, order: (count: number) => Iterable<number>): number {
  let steps = 0
  const { enterOne, remove, socket, settled } = setUp()
  const counting: ProxyHandler<InFlightRequest> = {
    get (target, name) { steps++; return Reflect.get(target, name) },
    set (target, name, value) { steps++; return Reflect.set(target, name, value) }
  }
  const create = (i: number): InFlightRequest => ({ id: `${i}`, raw: { socket } }) as unknown as InFlightRequest
  const requests = Array.from({ length: count }, (_, i) => enterOne(new Proxy(create(i), counting)))
  for (const i of order(count)) remove(requests[i]!) // an order has places of requests only
  socket.emit('close')
  if (settled.length > 2 * count) throw new Error(`${settled.length} requests were settled`)
  return steps
}

for (const [name, order] of Object.entries(ORDERS)) {
  t.test(`does constant work for each pipelined request: ${name}`, async t => {
    const few = steps(COUNT / 10, order)
    const many = steps(COUNT, order)
    t.ok(many <= 10.5 * few, `${few} steps for ${COUNT / 10}, ${many} for ${COUNT}`)
    t.ok(many <= 40 * COUNT)
  })
}

t.test('does constant work for each request that ends without a hook, in arrivals that never wait', async t => {
  for (const count of [200, 2000]) {
    let looks = 0
    const { enterOne, socket } = setUp()
    for (let i = 0; i < count; i++) {
      enterOne({ id: `${i}`, raw: { socket }, get body () { looks++; return 'over' } } as unknown as InFlightRequest)
    }
    t.equal(looks, count - 1)
    socket.emit('close')
  }
})

t.test('settles a request that comes when the connection has closed already', async t => {
  const { add, settled, socket } = setUp(true)
  add('late')
  t.strictSame(settled, [])
  await nextTurn()
  t.strictSame(settled, ['late closed'])
  add('later')
  await nextTurn()
  t.strictSame(settled, ['late closed', 'later closed'])
  t.equal(socket.listenerCount('close'), 0)
})
