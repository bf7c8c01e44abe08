// `npm run typecheck && node dist/test/examples/dynoai-api/load/health-while-uploading.js [rounds]` measures health
// checks while 30 logs of 5 MiB without a usable row are sent at once: to the example, and to a service that throws
// them away. The rounds alternate, so both have the same load of the machine. A check begins every few milliseconds,
// whether or not the one before has ended, so that a blocked service delays as many checks as it would of many clients.
// The exit code is 1 if the 99th percentile of the example is more than 1.5 times that of the other service.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

const UPLOADS = 30
const BYTES = 5 * 1024 ** 2
const CHECK_INTERVAL_MS = 5
const MAX_RATIO = 1.5
const rounds = Number(process.argv[2] ?? 5)

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const agent = new Agent({ keepAlive: true })

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
  /** Begun while bytes are sent. */
  readonly sending: number[]
  /** Begun from then on until all uploads are answered. */
  readonly answering: number[]
  readonly statuses: number[]
}

async function measure (origin: string): Promise<Round> {
  const sender = spawn(process.execPath, [path('send-uploads.js'), `${origin}/api/analyze`, `${UPLOADS}`, `${BYTES}`], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let output = ''
  sender.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  // The sender says when it begins: the start of a process is no upload.
  await once(sender.stdout, 'data')
  const durations = { sending: [] as number[], answering: [] as number[] }
  const checks: Array<Promise<unknown>> = []
  const timer = setInterval(() => {
    const phase = durations[output.includes('sent') ? 'answering' : 'sending']
    checks.push(checkHealth(origin).then(duration => phase.push(duration)))
  }, CHECK_INTERVAL_MS)
  await once(sender, 'close')
  clearInterval(timer)
  await Promise.all(checks)
  return { ...durations, statuses: JSON.parse(output.slice(output.indexOf('['))) as number[] }
}

function quantile (durations: readonly number[], share: number): number {
  const sorted = [...durations].sort((one, other) => one - other)
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN
}

function describe (durations: readonly number[]): string {
  const [p50, p99, max] = [0.5, 0.99, 1].map(share => quantile(durations, share).toFixed(1))
  return `${durations.length} checks, p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`
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
  const order = round % 2 === 1 ? ['discarding', 'example'] as const : ['example', 'discarding'] as const
  for (const name of order) {
    const result = await measure(services[name].origin)
    all[name].push(result)
    console.log(`${round} ${name}: while sending ${describe(result.sending)}; then ${describe(result.answering)}; ` +
      count(result.statuses))
  }
}
const phases = {
  'while bytes are sent': ({ sending }: Round) => sending,
  'until all are answered': ({ sending, answering }: Round) => [...sending, ...answering]
}
for (const [phase, select] of Object.entries(phases)) {
  const [discarding, example] = [all.discarding.flatMap(select), all.example.flatMap(select)]
  const ratio = quantile(example, 0.99) / quantile(discarding, 0.99)
  console.log(`${phase}: discarding ${describe(discarding)}; example ${describe(example)}; ratio ${ratio.toFixed(2)}`)
  if (!(ratio <= MAX_RATIO)) process.exitCode = 1
}
console.log(`load average ${loadavg().map(load => load.toFixed(1)).join(' ')}`)
for (const { child } of Object.values(services)) child.kill('SIGKILL')
agent.destroy()
