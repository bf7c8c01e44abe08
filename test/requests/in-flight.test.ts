import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { RequestsInFlight } from '../../lib/requests/in-flight.js'
import type { InFlightRequest } from '../../lib/requests/in-flight.js'
import { createRandom } from '../fixtures/random.js'

/** Requests over one connection, and a record of each that is settled. */
function setUp (destroyed = false) {
  const settled: string[] = []
  const requests = new RequestsInFlight((request, closed) => {
    settled.push(`${request.id} ${closed ? 'closed' : 'checked'}`)
    if (closed || request.body === 'ended') requests.remove(request, reply)
  })
  const socket = Object.assign(new EventEmitter(), { destroyed })
  const reply = { raw: new EventEmitter() } as never
  const addRequest = (request: InFlightRequest): InFlightRequest => {
    requests.add(request, reply)
    return request
  }
  const add = (id: string, body?: string): InFlightRequest =>
    addRequest({ id, body, raw: { socket } } as unknown as InFlightRequest)
  return { add, addRequest, remove: (request: InFlightRequest) => requests.remove(request, reply), settled, socket }
}

/** Adds the requests a, b and c, and removes some of them in an order such as 'ba'. */
function addThree ({ add, remove }: ReturnType<typeof setUp>, removed: string): Record<string, InFlightRequest> {
  const requests: Record<string, InFlightRequest> = { a: add('a'), b: add('b'), c: add('c') }
  for (const id of removed) remove(requests[id]!) // each is one of the three
  return requests
}

t.test('settles the remaining requests when the connection closes, oldest first', async t => {
  const orders: ReadonlyArray<readonly [removed: string, remaining: string[]]> = [
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
  for (const [removed, remaining] of orders) {
    const flight = setUp()
    addThree(flight, removed)
    flight.settled.length = 0
    flight.socket.emit('close')
    t.strictSame(flight.settled, remaining, `after ${removed || 'none'}`)
  }
})

t.test('adds one listener to a connection, and keeps no removed request', async t => {
  const { add, remove, settled, socket } = setUp()
  for (const id of ['a', 'b', 'c']) remove(add(id))
  t.equal(socket.listenerCount('close'), 1)
  t.strictSame(settled, [], 'no earlier request is in flight at an arrival')
  const values = Object.getOwnPropertySymbols(socket).map(symbol => Reflect.get(socket, symbol))
  t.strictSame(values.filter(value => value?.raw !== undefined), [])
})

t.test('when a request arrives, settles the ended requests before the first one that has not ended', async t => {
  const { add, settled, socket } = setUp()
  add('ended', 'ended')
  add('pipelined')
  t.strictSame(settled, ['ended checked'])
  const last = add('last')
  t.strictSame(settled.splice(0), ['ended checked', 'pipelined checked'])
  add('later')
  t.strictSame(settled.splice(0), ['pipelined checked'], 'no request after one that has not ended')
  Object.assign(last, { body: 'ended' })
  socket.emit('close')
  t.strictSame(settled, ['pipelined closed', 'last closed', 'later closed'])
})

t.test('settles several ended requests at one arrival', async t => {
  const { add, settled, socket } = setUp()
  const requests = ['a', 'b', 'c'].map(id => add(id))
  for (const request of requests) Object.assign(request, { body: 'ended' })
  settled.length = 0
  add('d')
  t.strictSame(settled.splice(0), ['a checked', 'b checked', 'c checked'])
  socket.emit('close')
  t.strictSame(settled, ['d closed'])
})

t.test('a removed request does not keep another in memory', async t => {
  for (const removed of ['abc', 'bac', 'cba']) {
    for (const [id, request] of Object.entries(addThree(setUp(), removed))) {
      const links = Object.getOwnPropertySymbols(request).filter(symbol => Reflect.get(request, symbol) !== null)
      t.strictSame(links, [], `${id} after ${removed}`)
    }
  }
})

t.test('settles each request once when the connection closes, even if it is not removed', async t => {
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

t.test(`settles requests that arrive and end at random as a simple list does (LIST_SEED=${SEED})`, async t => {
  const { float, integer } = createRandom(SEED)
  for (let run = 0; run < 300; run++) {
    const { add, remove, settled, socket } = setUp()
    const model: InFlightRequest[] = []
    const expected: string[] = []
    const actions = integer(5, 64)
    for (let i = 0; i < actions; i++) {
      const action = float()
      if (action < 0.5 || model.length === 0) {
        while (model[0]?.body === 'ended') expected.push(`${model.shift()?.id} checked`)
        if (model[0] !== undefined) expected.push(`${model[0].id} checked`)
        model.push(add(`${i}`))
      } else {
        const index = integer(0, model.length - 1)
        // A response ends, with or without a hook that reports it.
        if (action < 0.8) remove(model.splice(index, 1)[0]!) // the index is in the model
        else Object.assign(model[index]!, { body: 'ended' }) // likewise
      }
    }
    expected.push(...model.map(({ id }) => `${id} closed`))
    socket.emit('close')
    if (!t.strictSame(settled, expected, `run ${run}`)) break
  }
})

const COUNT = 2000

/** The order in which `COUNT` requests are removed after all have arrived. The others end with the connection. */
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

/** Counts the reads and writes of request properties while `count` requests are added, and removed in an order. */
function countAccesses (count: number, order: (count: number) => Iterable<number>): number {
  let accesses = 0
  const { addRequest, remove, socket, settled } = setUp()
  const counting: ProxyHandler<InFlightRequest> = {
    get (target, name) { accesses++; return Reflect.get(target, name) },
    set (target, name, value) { accesses++; return Reflect.set(target, name, value) }
  }
  const create = (i: number): InFlightRequest => ({ id: `${i}`, raw: { socket } }) as unknown as InFlightRequest
  const requests = Array.from({ length: count }, (_, i) => addRequest(new Proxy(create(i), counting)))
  for (const i of order(count)) remove(requests[i]!) // an order has indices of requests only
  socket.emit('close')
  if (settled.length > 2 * count) throw new Error(`${settled.length} requests were settled`)
  return accesses
}

for (const [name, order] of Object.entries(ORDERS)) {
  t.test(`does constant work for each pipelined request: ${name}`, async t => {
    const few = countAccesses(COUNT / 10, order)
    const many = countAccesses(COUNT, order)
    t.ok(many <= 10.5 * few, `${few} accesses for ${COUNT / 10}, ${many} for ${COUNT}`)
    t.ok(many <= 40 * COUNT)
  })
}

t.test('does constant work for each request that ends without a hook while others keep arriving', async t => {
  for (const count of [200, 2000]) {
    let reads = 0
    const { addRequest, socket } = setUp()
    for (let i = 0; i < count; i++) {
      addRequest({ id: `${i}`, raw: { socket }, get body () { reads++; return 'ended' } } as unknown as InFlightRequest)
    }
    t.equal(reads, count - 1)
    socket.emit('close')
  }
})

t.test('settles a request that arrives after its connection has closed', async t => {
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
