import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { occupyPort, startProcess } from './start-process.js'

/** Returns the directories for uploads in a directory for temporary files. */
const uploadsIn = (directory: string) => readdirSync(directory).filter(name => name.startsWith('dynoai-'))

t.test('prints its address and the address of its metrics, and stops on a signal', async t => {
  const TMPDIR = t.testdir()
  const on = /^The DynoAI API listens at (http:\S+), its metrics are at \1\/m\n$/
  const off = /^The DynoAI API listens at (http:\S+), its metrics are switched off\n$/
  const cases: Array<[signal: NodeJS.Signals, env: Record<string, string>, line: RegExp, metrics?: string]> = [
    ['SIGINT', { METRICS_PATH: '/m' }, on, '/m'],
    ['SIGTERM', { METRICS_ENABLED: 'false' }, off]
  ]
  await Promise.all(cases.map(async ([signal, env, line, metrics]) => {
    const service = startProcess(t, 'main.js', { TMPDIR, ...env })
    const [, address = ''] = await service.printed(line)
    t.equal((await fetch(`${address}/api/jetstream/status`)).status, 200)
    if (metrics !== undefined) {
      t.match(await (await fetch(address + metrics)).text(), 'dynoai_request_duration_seconds_bucket')
    }
    service.kill(signal)
    t.same(await service.closed(), [0, null], signal)
  }))
  t.same(uploadsIn(TMPDIR), [])
})

t.test('prints one line when it cannot start, and leaves no directory', async t => {
  const TMPDIR = t.testdir()
  const port = await occupyPort(t)
  const cases: Array<[env: Record<string, string>, message: string | RegExp]> = [
    [{ PORT: 'http' }, "PORT must be a whole number from 0 to 65535. Received: 'http'.\n"],
    [{ PORT: String(port) }, /^listen EADDRINUSE: address already in use .+\n$/],
    [{ METRICS_ENABLED: 'ture' }, /METRICS_ENABLED.*ture/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of .+\n$/]
  ]
  await Promise.all(cases.map(async ([env, message]) => {
    const service = startProcess(t, 'main.js', { TMPDIR, ...env })
    t.same(await service.closed(), [1, null], JSON.stringify(env))
    t.match(service.errors(), message)
  }))
  t.same(uploadsIn(TMPDIR), [])
})

t.test('deletes at its start what a killed service has left', async t => {
  const TMPDIR = t.testdir()
  const listening = /listens at (http:\S+),/
  const killed = startProcess(t, 'main.js', { TMPDIR })
  const [, address = ''] = await killed.printed(listening)
  // The upload does not end, so its file stays.
  const { port } = new URL(address)
  const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.write('POST /api/analyze HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n' +
    'content-type: multipart/form-data; boundary=x\r\n\r\n' +
    '--x\r\ncontent-disposition: form-data; name="file"; filename="pull.csv"\r\n\r\nrpm\n')
  const [directory = ''] = uploadsIn(TMPDIR)
  while (readdirSync(join(TMPDIR, directory)).length === 0) await sleep(10)
  killed.kill('SIGKILL')
  await killed.closed()
  t.same(uploadsIn(TMPDIR), [directory])

  const next = startProcess(t, 'main.js', { TMPDIR })
  await next.printed(listening)
  const left = uploadsIn(TMPDIR)
  t.equal(left.length, 1)
  t.not(left[0], directory)
  next.kill('SIGTERM')
  t.same(await next.closed(), [0, null])
  t.same(uploadsIn(TMPDIR), [])
})
