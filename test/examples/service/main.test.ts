import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { followProcess, occupyPort, startProcess } from '../dynoai-api/start-process.js'
import type { ExampleProcess } from '../dynoai-api/start-process.js'
import { ServiceClient } from './client.js'

const FILE = fileURLToPath(new URL('../../../examples/service/main.js', import.meta.url))
/** A process with a fourth file descriptor. */
type Unit = ChildProcessByStdio<null, Readable, Readable>

const LISTENS = /^Process (\d+) listens at (\S+)\n$/

t.test('answers for itself when it runs alone, and stops on a signal', async t => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const service = startProcess(t, '../service/main.js', {})
    const [, pid, origin = ''] = await service.printed(LISTENS)
    t.match(await (await fetch(`${origin}/api/health`)).json(), { status: 'healthy', pid: Number(pid) })
    const samples = await new ServiceClient(origin).scrape()
    t.strictSame(samples.filter(({ labels }) => 'worker' in labels), [])
    service.kill(signal)
    t.strictSame(await service.closed(), [0, null], signal)
  }
})

t.test('prints one line when it cannot start', async t => {
  const cases: Array<[env: Record<string, string>, message: string | RegExp]> = [
    [{ PORT: 'http' }, "PORT must be a whole number from 0 to 65535. Received: 'http'.\n"],
    [{ PORT: String(await occupyPort(t)) }, /^listen EADDRINUSE: address already in use .+\n$/]
  ]
  for (const [env, message] of cases) {
    const service = startProcess(t, '../service/main.js', env)
    t.strictSame(await service.closed(), [1, null], JSON.stringify(env))
    t.match(service.errors(), message)
  }
})

/** Starts two processes as the units of examples/systemd do: with one socket, and one directory. */
async function startUnits (t: Test, directory: string): Promise<[ExampleProcess, ExampleProcess]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  // There is no public way to pass a socket that this process does not accept connections of.
  const { fd } = (server as unknown as { readonly _handle: { readonly fd: number } })._handle
  const env = { ...process.env, LISTEN_FDS: '1', RUNTIME_DIRECTORY: directory }
  // The shell becomes the process, so it knows the pid.
  const args = ['-c', 'LISTEN_PID=$$ exec "$0" "$@"', process.execPath, ...process.execArgv, FILE]
  const start = (): ExampleProcess =>
    followProcess(t, spawn('sh', args, { env, stdio: ['ignore', 'pipe', 'pipe', fd] }) as Unit)
  const units: [ExampleProcess, ExampleProcess] = [start(), start()]
  server.close()
  return units
}

t.test('shares a socket and a scrape with other units of systemd', async t => {
  const directory = join(t.testdir(), 'dynoai')
  mkdirSync(directory, { mode: 0o700 }) // as RuntimeDirectoryMode
  const [unit, other] = await startUnits(t, directory)
  const [, pid, origin = ''] = await unit.printed(LISTENS)
  const [, otherPid, otherOrigin] = await other.printed(LISTENS)
  t.equal(otherOrigin, origin)

  const client = new ServiceClient(origin)
  const sent = await client.sendToAll([Number(pid), Number(otherPid)])
  await client.untilCounted(sent)
  unit.kill('SIGTERM')
  t.strictSame(await unit.closed(), [0, null])
  await client.untilCounted(sent)
  other.kill('SIGTERM')
  t.strictSame(await other.closed(), [0, null])
})
