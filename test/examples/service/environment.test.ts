import t from 'tap'
import { readEnvironment } from '../../../examples/service/environment.js'

const PID = 42
const read = (env: Record<string, string>) => readEnvironment(env, PID)

t.test('listens at HOST and PORT', async t => {
  t.strictSame(read({}), { directory: undefined, listen: { host: '127.0.0.1', port: 5001 } })
  t.strictSame(read({ HOST: '0.0.0.0', PORT: '0' }).listen, { host: '0.0.0.0', port: 0 })
  for (const port of ['', 'http', '65536', '1.5']) {
    const message = `PORT must be a whole number from 0 to 65535. Received: '${port}'.`
    t.throws(() => read({ PORT: port }), { message })
  }
})

t.test('listens at a socket that systemd has passed to this process, and uses its directory', async t => {
  const systemd = { RUNTIME_DIRECTORY: '/run/dynoai', LISTEN_PID: String(PID), LISTEN_FDS: '1' }
  t.strictSame(read(systemd), { directory: '/run/dynoai', listen: { host: '127.0.0.1', fd: 3 } })
  const port = { host: '127.0.0.1', port: 5001 }
  t.strictSame(read({ ...systemd, LISTEN_PID: '41' }).listen, port, 'the socket is for another process')
  t.strictSame(read({ ...systemd, LISTEN_FDS: '2' }).listen, port)
})
