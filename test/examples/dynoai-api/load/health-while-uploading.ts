// `npm run build && node dist/test/examples/dynoai-api/load/health-while-uploading.js [rounds]` measures health checks
// while 30 logs of 5 MiB without a usable row are sent at once: to the example, and to a service that throws them away.
// The rounds alternate, so both have the same load of the machine.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const UPLOADS = 30
const BYTES = 5 * 1024 ** 2
const PAUSE_MS = 2
const rounds = Number(process.argv[2] ?? 5)

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

async function start (file: string): Promise<{ child: ChildProcess, origin: string }> {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit']
  })
  const [output] = await once(child.stdout, 'data')
  return { child, origin: /http:[^\s,]+/.exec(String(output))?.[0] ?? '' }
}

/** Returns the duration of a health check in milliseconds. */
async function checkHealth (origin: string): Promise<number> {
  const begin = performance.now()
  const [response] = await once(get(`${origin}/api/health`, { agent }), 'response')
  await once(response.resume(), 'end')
  return performance.now() - begin
}

/** Durations of health checks in milliseconds, and the statuses of the uploads. */
interface Round {
  /** While bytes are sent. */
  readonly sending: number[]
  /** From then until all uploads are answered. */
  readonly answering: number[]
  readonly statuses: number[]
}

async function measure (origin: string): Promise<Round> {
  const sender = spawn(process.execPath, [path('send-uploads.js'), `${origin}/api/analyze`, `${UPLOADS}`, `${BYTES}`], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const state = { output: '', isSending: true }
  sender.stdout.setEncoding('utf8').on('data', (text: string) => { state.output += text })
  const ended = once(sender, 'close').then(() => { state.isSending = false })
  const durations: Pick<Round, 'sending' | 'answering'> = { sending: [], answering: [] }
  while (state.isSending) {
    const duration = await checkHealth(origin)
    durations[state.output === '' ? 'sending' : 'answering'].push(duration)
    await sleep(PAUSE_MS)
  }
  await ended
  return { ...durations, statuses: JSON.parse(state.output.slice('sent'.length)) as number[] }
}

function describe (durations: readonly number[]): string {
  const sorted = [...durations].sort((one, other) => one - other)
  const at = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? NaN).toFixed(1)
  return `${sorted.length} checks, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`
}

const count = (statuses: readonly number[]) =>
  [...new Set(statuses)].map(status => `${statuses.filter(other => other === status).length} × ${status}`).join(', ')

const services = {
  discarding: await start(path('discard.js')),
  example: await start(path('../../../../examples/dynoai-api/main.js'))
}
const all = { discarding: [] as Round[], example: [] as Round[] }
console.log(`Node ${process.version}, load average ${loadavg().map(load => load.toFixed(1)).join(' ')}`)
for (let round = 1; round <= rounds; round++) {
  for (const name of ['discarding', 'example'] as const) {
    const result = await measure(services[name].origin)
    all[name].push(result)
    console.log(`${round} ${name}: while sending ${describe(result.sending)}; then ${describe(result.answering)}; ` +
      count(result.statuses))
  }
}
for (const [name, results] of Object.entries(all)) {
  console.log(`all ${name}: while sending ${describe(results.flatMap(({ sending }) => sending))}; ` +
    `with the answers ${describe(results.flatMap(({ sending, answering }) => [...sending, ...answering]))}`)
}
console.log(`load average ${loadavg().map(load => load.toFixed(1)).join(' ')}`)
for (const { child } of Object.values(services)) child.kill('SIGKILL')
agent.destroy()
