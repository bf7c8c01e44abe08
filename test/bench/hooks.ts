import { STATUS_CODES } from 'node:http'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { allocatedBy, usedMemory } from './heap.js'
import type { Setup } from './setups.js'

type Hook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void
type Pair = readonly [request: FastifyRequest, reply: FastifyReply]

/** The hooks that a setup runs for every request, and one real request per route as a template. */
export interface HookBench {
  readonly fastify: FastifyInstance
  readonly onRequest: readonly Hook[]
  readonly onResponse: readonly Hook[]
  readonly templates: readonly Pair[]
}

/** Cost of one operation: the hooks of one request, or one call of a metric. */
export interface Cost {
  readonly nanoseconds: number
  readonly bytes: number
}

/** Number of requests in one measurement. */
const BATCH = 20_000
const CHUNK = 50

/** Status codes of the responses, used from the first. Node has a text for each, as for nearly all real responses. */
const CODES = Object.keys(STATUS_CODES).map(Number).filter(code => code >= 200)

/** Collects the hooks that a setup adds, and one real request of each of `routes` routes. */
export async function prepareHooks (setup: Setup, routes: number): Promise<HookBench> {
  const fastify = Fastify()
  const hooks: Record<string, Hook[]> = { onRequest: [], onResponse: [] }
  const addHook = fastify.addHook
  fastify.addHook = function (this: FastifyInstance, name: string, hook: Hook) {
    hooks[name]?.push(hook)
    return Reflect.apply(addHook, this, [name, hook])
  } as typeof addHook
  await setup(fastify)
  fastify.addHook = addHook
  const templates: Pair[] = []
  fastify.addHook('onRequest', (request, reply, done) => {
    if (templates.length < routes) templates.push([request, reply])
    done()
  })
  // Without an `onResponse` hook, Fastify does not set the start time of a reply.
  fastify.addHook('onResponse', (_request, _reply, done) => done())
  for (let i = 0; i < routes; i++) fastify.get(`/api/r${i}/:id`, async () => 'ok')
  const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
  for (let i = 0; i < routes; i++) await (await fetch(`${origin}/api/r${i}/1`)).text()
  return { fastify, onRequest: hooks['onRequest'] ?? [], onResponse: hooks['onResponse'] ?? [], templates }
}

/** Runs the hooks for a batch of requests with `statuses` status codes, and returns the cost of one request. */
export function measureHooks (bench: HookBench, statuses = 1): Cost {
  const pairs = freshPairs(bench.templates, statuses, BATCH)
  const bytes = allocatedBy(() => runHooks(bench, pairs))

  // In chunks: when Fastify runs the hooks, it has just created the request and read its route, so both are in the CPU
  // caches. The other data that the hooks read may not be.
  let nanoseconds = 0n
  for (let from = 0; from < BATCH; from += CHUNK) {
    const chunk = freshPairs(bench.templates, statuses, CHUNK, from)
    const start = process.hrtime.bigint()
    runHooks(bench, chunk)
    nanoseconds += process.hrtime.bigint() - start
  }
  return { nanoseconds: Number(nanoseconds) / BATCH, bytes: bytes / BATCH }
}

/** Creates every series. */
export function fillSeries (bench: HookBench, statuses: number): void {
  runHooks(bench, freshPairs(bench.templates, statuses, bench.templates.length * statuses))
}

/** Creates every series and returns the bytes of one with its labels. Those of status 200 exist before. */
export function measureBytesPerSeries (bench: HookBench, statuses: number): number {
  const series = bench.templates.length * statuses
  const pairs = freshPairs(bench.templates, statuses, series)
  const before = usedMemory()
  runHooks(bench, pairs)
  const bytes = usedMemory() - before
  // A reference to the requests up to here, so V8 does not free them before the second reading.
  if (pairs.length !== series) throw new Error('unreachable')
  return bytes / (series - bench.templates.length)
}

function runHooks ({ onRequest, onResponse }: HookBench, pairs: readonly Pair[]): void {
  const done = (): void => {}
  // By index: V8 may allocate the iterator of `for … of`, which would count as memory of the hooks.
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as Pair
    for (let k = 0; k < onRequest.length; k++) call(onRequest[k] as Hook, pair[0], pair[1], done)
    for (let k = 0; k < onResponse.length; k++) call(onResponse[k] as Hook, pair[0], pair[1], done)
  }
}

// One call site for the hooks of both phases, so V8 inlines no hook into its caller. With a call site per hook, V8
// inlined the hooks into the loop, which is impossible in Fastify, and stopped inlining somewhere in the middle. One
// process in five then allocated 16 or 120 B that the others did not allocate.
function call (hook: Hook, request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  hook(request, reply, done)
}

// These calls make the call site megamorphic: V8 no longer specialises it for one hook.
for (let i = 0; i < 10_000; i++) {
  for (const hook of [() => 1, () => 2, () => 3, () => 4, () => 5, () => 6]) {
    call(hook as never, {} as never, {} as never, hook)
  }
}

// Fastify creates a request and a reply object for every request, so each request of a batch has new objects, created
// before the measurement. Their order jumps between the routes and status codes, as traffic does. The step 7919 has no
// common divisor with any measured number of series.
function freshPairs (templates: readonly Pair[], statuses: number, count: number, from = 0): Pair[] {
  return Array.from({ length: count }, (_, i) => {
    const series = (from + i) * 7919 % (templates.length * statuses)
    const [request, reply] = templates[series % templates.length] as Pair
    const Request = request.constructor as new (...args: unknown[]) => FastifyRequest
    const Reply = reply.constructor as new (...args: unknown[]) => FastifyReply
    const context = Reflect.get(request, symbolOf(request, 'fastify.context'))
    // One raw request for all: in a server, it is as recently created as the request and so in the CPU caches.
    const { raw } = (templates[0] as Pair)[0]
    const fresh = new Request(request.id, request.params, raw, request.query, request.log, context)
    const statusCode = CODES[Math.floor(series / templates.length)] as number
    // The properties that Node sets on a sent response.
    const statusMessage = STATUS_CODES[statusCode]
    const response = { statusCode, statusMessage, writableEnded: true, writableFinished: true, socket: null }
    const freshReply = new Reply(response, fresh, reply.log)
    // Fastify sets both before `onResponse`.
    Reflect.set(freshReply, symbolOf(reply, 'fastify.reply.startTime'), 1000)
    Reflect.set(freshReply, symbolOf(reply, 'fastify.reply.endTime'), 1000 + i % 40)
    return [fresh, freshReply]
  })
}

const symbols = new Map<string, symbol>()

function symbolOf (target: object, description: string): symbol {
  const symbol = symbols.get(description) ??
    Object.getOwnPropertySymbols(target).find(symbol => symbol.description === description)
  if (symbol === undefined) {
    throw new Error(`This version of Fastify has no symbol '${description}': adapt the benchmark to it.`)
  }
  symbols.set(description, symbol)
  return symbol
}
