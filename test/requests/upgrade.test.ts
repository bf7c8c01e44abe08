import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { followUpgrade } from '../../lib/requests/upgrade.js'

t.test('tells at once of an upgrade whose client left during an earlier hook', async t => {
  const socket = new Socket()
  socket.destroy()
  await new Promise(resolve => { socket.once('close', resolve) })
  const told: number[] = []
  followUpgrade({ raw: { socket } } as FastifyRequest, { raw: {} } as FastifyReply, status => { told.push(status) })
  t.strictSame(told, [499])
})
