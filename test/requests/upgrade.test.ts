import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { observeUpgrade } from '../../lib/requests/upgrade.js'

t.test('tells at once of an upgrade whose client left during an earlier hook', async t => {
  const socket = new Socket()
  socket.destroy()
  await new Promise(resolve => { socket.once('close', resolve) })
  const told: number[] = []
  observeUpgrade({ raw: { socket } } as FastifyRequest, { raw: {} } as FastifyReply, { onEnd: status => { told.push(status) } })
  t.strictSame(told, [499])
})

t.test('tells of an answer when it is written, as 499 when its client is gone by then', async t => {
  for (const [writable, status] of [[true, 101], [false, 499]] as const) {
    const socket = Object.assign(new EventEmitter(), { writable, destroyed: false, write: (..._args: unknown[]) => true, end: () => socket })
    const told: number[] = []
    const tell = (status: number): void => { told.push(status) }
    observeUpgrade({ raw: { socket } } as unknown as FastifyRequest, { raw: {} } as FastifyReply, { onEnd: () => {}, onResponseHead: tell })
    t.strictSame(told, [])
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    t.strictSame(told, [status])
  }
})
