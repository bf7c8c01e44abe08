import cluster from 'node:cluster'
import { EventEmitter } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import type { Member } from '../../lib/processes/member.js'
import { Sharing } from '../../lib/processes/sharing.js'
import { createFastify } from '../fixtures/app.js'

class TestedSharing {
  readonly sharing: Sharing
  isBusy = false
  time = 0
  /** The methods of the member that were called since the last call. */
  #calls: string[] = []

  constructor (t: Test) {
    const called = (name: string) => () => { this.#calls.push(name) }
    const member = {
      update: called('update'),
      writeOwned: called('write'),
      end: called('end'),
      close: async () => { called('close')() }
    }
    this.sharing = new Sharing({
      directory: t.testdirName,
      interval: 2 ** 30,
      member: member as unknown as Member,
      isBusy: () => this.isBusy,
      time: () => this.time
    })
    t.teardown(() => { this.sharing.end() })
  }

  calls (): string[] {
    const calls = this.#calls
    this.#calls = []
    return calls
  }
}

t.test('goes on after the application is closed until its requests have ended', async t => {
  const tested = new TestedSharing(t)
  const { sharing } = tested
  const fastify = createFastify(t)
  sharing.shareWith(fastify)
  sharing.update()
  t.strictSame(tested.calls(), ['update', 'update'])
  tested.isBusy = true
  let wasEnded = false
  fastify.addHook('onClose', async () => { wasEnded = tested.calls().includes('end') })
  await fastify.ready()
  await fastify.close()
  await fastify.close()
  t.notOk(wasEnded)
  t.strictSame(tested.calls(), ['close'])
  tested.time = 29_999
  sharing.update()
  t.strictSame(tested.calls(), ['write'])
  tested.isBusy = false
  sharing.update()
  sharing.end()
  t.strictSame(tested.calls(), ['end'])
})

t.test('does not wait for requests without end', async t => {
  const tested = new TestedSharing(t)
  const { sharing } = tested
  sharing.start()
  tested.isBusy = true
  sharing.drain()
  tested.time = 30_000
  sharing.update()
  t.strictSame(tested.calls(), ['update', 'end'])
})

t.test('ends when the process exits', async t => {
  const tested = new TestedSharing(t)
  tested.sharing.start()
  const listeners = process.listeners('exit')
  ;(listeners.at(-1) as () => void)()
  t.strictSame(tested.calls(), ['update', 'end'])
})

t.test('writes when a worker of a cluster is disconnected', async t => {
  const worker = new EventEmitter()
  t.intercept(cluster, 'worker', { value: worker })
  const tested = new TestedSharing(t)
  tested.sharing.start()
  worker.emit('disconnect')
  t.strictSame(tested.calls(), ['update', 'write'])
  tested.sharing.end()
  t.equal(worker.listenerCount('disconnect'), 0)
})

t.test('another instance takes over the directory until the application is ready', async t => {
  const [first, second] = [new TestedSharing(t), new TestedSharing(t)]
  first.sharing.start()
  second.sharing.start()
  t.strictSame(first.calls(), ['update', 'end'])
  t.throws(() => { first.sharing.keep() }, { code: 'DYNOAI_METRICS_ERR_OPTION' })
  second.sharing.keep()
  t.throws(() => { new TestedSharing(t).sharing.start() }, { code: 'DYNOAI_METRICS_ERR_OPTION' })
})
