import type { AddressInfo } from 'node:net'
import { FAULTS } from './faults/index.js'
import type { State } from './faults/state.js'
import type { ServiceMessage, ServiceSettings } from './service.js'

// A process with one or more services. Sends their ports to the parent, whose messages break services. Ends with its
// parent.

const settings = JSON.parse(process.argv[2] ?? '') as ServiceSettings[]
const states: State[] = settings.map(({ isBroken = false }) => ({ isBroken }))
process.once('disconnect', () => process.exit())
process.on('message', ({ broken }: ServiceMessage) => {
  for (const i of broken) Object.assign(states[i] ?? {}, { isBroken: true })
})
const ports: number[] = []
for (const [i, { fault, directory, port = 0 }] of settings.entries()) {
  const app = await FAULTS[fault](states[i] as State, directory)
  await app.listen({ host: '127.0.0.1', port })
  // A server that listens on a port has an address of this type.
  ports.push((app.server.address() as AddressInfo).port)
}
process.send?.(ports)
