import { STATUS_CODES } from 'node:http'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { allocatedBy, keptMemory } from './heap.js'
import type { Setup } from './setups.js'

type Hook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void
type Pair = readonly [request: FastifyRequest, reply: FastifyReply]

/** The hooks that a setup runs for every request, and one real request of each route to run them on. */
export interface HookBench {
  readonly fastify: FastifyInstance
  readonly onRequest: readonly Hook[]
  readonly onResponse: readonly Hook[]
  readonly templates: readonly Pair[]
}

/** What one request costs in the hooks alone. */
export interface HookCost {
  readonly nanoseconds: number
  readonly bytes: number
}

/** Requests of one measurement. */
const BATCH = 20_000
const CHUNK = 50

/** The codes in which requests end, from the first on: those that Node knows, as those of nearly all responses are. */
const CODES = Object.keys(STATUS_CODES).map(Number).filter(code => code >= 200)

/** Takes the hooks of a setup out of an instance with as many routes, and one real request of each. */
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
  // Without such a hook Fastify tells no reply when it began.
  fastify.addHook('onResponse', (_request, _reply, done) => done())
  for (let i = 0; i < routes; i++) fastify.get(`/api/r${i}/:id`, async () => 'ok')
  const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
  for (let i = 0; i < routes; i++) await (await fetch(`${origin}/api/r${i}/1`)).text()
  return { fastify, onRequest: hooks['onRequest'] ?? [], onResponse: hooks['onResponse'] ?? [], templates }
}

/** Runs the hooks of a batch of requests that end in `statuses` codes, and gives what one of them cost. */
export function measureHooks (bench: HookBench, statuses = 1): HookCost {
  const pairs = freshPairs(bench.templates, statuses, BATCH)
  const bytes = allocatedBy(() => runHooks(bench, pairs))

  // In chunks, since Fastify has just made a request and looked at its route when it runs the hooks: both are in the
  // processor's caches then, and what else the hooks look at may not be.
  let nanoseconds = 0n
  for (let from = 0; from < BATCH; from += CHUNK) {
    const chunk = freshPairs(bench.templates, statuses, CHUNK, from)
    const start = process.hrtime.bigint()
    runHooks(bench, chunk)
    nanoseconds += process.hrtime.bigint() - start
  }
  return { nanoseconds: Number(nanoseconds) / BATCH, bytes: bytes / BATCH }
}

/** Makes every series exist. */
export function fillSeries (bench: HookBench, statuses: number): void {
  runHooks(bench, freshPairs(bench.templates, statuses, bench.templates.length * statuses))
}

/** Makes every series exist, and gives the bytes that one takes, with its labels; those of 200 exist already. */
export function weighSeries (bench: HookBench, statuses: number): number {
  const series = bench.templates.length * statuses
  const pairs = freshPairs(bench.templates, statuses, series)
  const before = keptMemory()
  runHooks(bench, pairs)
  const bytes = keptMemory() - before
  // Kept until here, so that the requests themselves do not count as freed.
  if (pairs.length !== series) throw new Error('unreachable')
  return bytes / (series - bench.templates.length)
}

function runHooks ({ onRequest, onResponse }: HookBench, pairs: readonly Pair[]): void {
  const done = (): void => {}
  // By index: an iterator of `for … of` may be allocated, and would count as the hooks' own.
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as Pair
    for (let k = 0; k < onRequest.length; k++) call(onRequest[k] as Hook, pair[0], pair[1], done)
    for (let k = 0; k < onResponse.length; k++) call(onResponse[k] as Hook, pair[0], pair[1], done)
  }
}

// From one place for the hooks of both phases, so that V8 compiles none of them into its caller. Called in a place of their own
// each, they would become one function with the loop around them, which they cannot in Fastify, and into which V8 stops
// inlining somewhere in the middle: one process in five then allocated 16 or 120 B for what another did without.
function call (hook: Hook, request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  hook(request, reply, done)
}

// Of a place that has called many, V8 assumes nothing.
for (let i = 0; i < 10_000; i++) {
  for (const hook of [() => 1, () => 2, () => 3, () => 4, () => 5, () => 6]) call(hook as never, {} as never, {} as never, hook)
}

// Fastify makes a request and a reply for every request, so each of a batch gets its own, made beforehand; in an order
// that jumps between the routes and codes, as traffic does. The step is prime to every number of series measured.
function freshPairs (templates: readonly Pair[], statuses: number, count: number, from = 0): Pair[] {
  return Array.from({ length: count }, (_, i) => {
    const series = (from + i) * 7919 % (templates.length * statuses)
    const [request, reply] = templates[series % templates.length] as Pair
    const Request = request.constructor as new (...args: unknown[]) => FastifyRequest
    const Reply = reply.constructor as new (...args: unknown[]) => FastifyReply
    const context = Reflect.get(request, symbolOf(request, 'fastify.context'))
    // One for all, since in a server it is as fresh as the request.
    const { raw } = (templates[0] as Pair)[0]
    const fresh = new Request(request.id, request.params, raw, request.query, request.log, context)
    const statusCode = CODES[Math.floor(series / templates.length)] as number
    // What Node sets of a response that it has sent.
    const statusMessage = STATUS_CODES[statusCode]
    const response = { statusCode, statusMessage, writableEnded: true, writableFinished: true, socket: null }
    const answer = new Reply(response, fresh, reply.log)
    // Fastify has set both by the time of `onResponse`.
    Reflect.set(answer, symbolOf(reply, 'fastify.reply.startTime'), 1000)
    Reflect.set(answer, symbolOf(reply, 'fastify.reply.endTime'), 1000 + i % 40)
    return [fresh, answer]
  })
}

const symbols = new Map<string, symbol>()

function symbolOf (target: object, description: string): symbol {
  const symbol = symbols.get(description) ?? Object.getOwnPropertySymbols(target).find(symbol => symbol.description === description)
  if (symbol === undefined) throw new Error(`This version of Fastify has no ${description}; the benchmark must follow it.`)
  symbols.set(description, symbol)
  return symbol
}
