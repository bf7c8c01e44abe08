import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { observeUpgrade } from '../../lib/requests/upgrade.js'

t.test('reports an upgrade at once when its client has disconnected during an earlier hook', async t => {
  const socket = new Socket()
  socket.destroy()
  await new Promise(resolve => { socket.once('close', resolve) })
  const statuses: number[] = []
  const request = { raw: { socket } } as FastifyRequest
  observeUpgrade(request, { raw: {} } as FastifyReply, { onEnd: status => { statuses.push(status) } })
  t.strictSame(statuses, [499])
})

t.test('reports a response when it is written, as 499 when its client has disconnected', async t => {
  for (const [writable, expected] of [[true, 101], [false, 499]] as const) {
    const write = (..._args: unknown[]): boolean => true
    const socket = Object.assign(new EventEmitter(), { writable, destroyed: false, write, end: () => socket })
    const statuses: number[] = []
    const onResponseHead = (status: number): void => { statuses.push(status) }
    const request = { raw: { socket } } as unknown as FastifyRequest
    observeUpgrade(request, { raw: {} } as FastifyReply, { onEnd: () => {}, onResponseHead })
    t.strictSame(statuses, [])
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    t.strictSame(statuses, [expected])
  }
})
