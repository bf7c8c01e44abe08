// The primary of the service. It has no code of the plugin. It ends workers at random, and starts others.
// Argument: the settings as JSON.
import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createRandom } from '../fixtures/random.js'
import type { Command, EndKind, Notice, PrimarySettings, WorkerCommand, WorkerNotice } from './messages.js'
import { Pulse } from './pulse.js'

/** The default interval in which processes write their counts, in milliseconds. */
const INTERVAL = 1000

/** How workers end, more often by SIGKILL than otherwise. */
const END_KINDS: readonly EndKind[] = ['kill', 'kill', 'kill', 'kill', 'exit', 'close', 'reload']

/** A running worker. */
class Member {
  readonly worker: Worker
  readonly pulse = new Pulse()
  /** The origin, once it listens. */
  origin: string | null = null
  readonly exited: Promise<unknown>
  /** How it was made to end, and since when its counts may be lost. */
  end: { readonly kind: EndKind, safeUntil: number } | null = null

  constructor (worker: Worker) {
    this.worker = worker
    this.exited = once(worker, 'exit')
    worker.on('message', (notice: WorkerNotice) => {
      if (notice.type === 'beat') {
        this.pulse.beat(notice.at)
      } else if (notice.type === 'listening') {
        this.origin = notice.origin
        worker.emit('ready')
      } else if (notice.type === 'exiting') {
        this.#exiting(notice.at)
      } else {
        notify(notice)
      }
    })
  }

  /** Waits until it listens, or has ended before. */
  async started (): Promise<void> {
    if (this.origin === null) await Promise.race([once(this.worker, 'ready'), this.exited])
  }

  send (command: WorkerCommand): void {
    this.worker.send(command)
  }

  /** Makes the worker end, and waits for it. */
  async stop (kind: EndKind): Promise<void> {
    const at = Date.now()
    this.end = { kind, safeUntil: at - INTERVAL - this.pulse.delay(at) }
    notify({ type: 'ending', worker: this.worker.id })
    if (kind === 'kill') this.worker.process.kill('SIGKILL')
    else this.send({ type: kind === 'exit' ? 'exit' : 'close' })
    await this.exited
    notify({ type: 'ended', worker: this.worker.id, ...this.end })
  }

  /** Nothing is lost but the counts of requests that the process has not seen end. */
  #exiting (at: number): void {
    if (this.end !== null) this.end.safeUntil = at - this.pulse.delay(at)
  }
}

const { workers, seed }: PrimarySettings = JSON.parse(process.argv[2] ?? '')
const random = createRandom(seed)
const members = new Set<Member>()
let disturbance: AbortController | undefined
let disturbed = Promise.resolve()

cluster.setupPrimary({ exec: fileURLToPath(new URL('worker-process.js', import.meta.url)), args: [] })
process.on('disconnect', () => {
  for (const { process } of Object.values(cluster.workers ?? {}) as Worker[]) process.kill('SIGKILL')
  process.exit()
})
process.on('message', async (command: Command) => {
  if (command.type === 'disturb') {
    disturbance = new AbortController()
    disturbed = disturb(command.pause, disturbance.signal)
  } else if (command.type === 'report') {
    observer.send(command)
  } else {
    disturbance?.abort()
    await disturbed
    if (command.type === 'replace') await replaceAll(command.kind)
    await Promise.all([...members].map(member => member.started()))
    notify({ type: 'calm' })
  }
})

function notify (notice: Notice): void {
  process.send?.(notice)
}

function start (): Member {
  const member = new Member(cluster.fork())
  member.worker.once('exit', code => {
    const message = `The worker ${member.worker.id} ended by itself with ${code}`
    if (member.end === null) notify({ type: 'fault', message })
  })
  return member
}

function startMember (): Member {
  const member = start()
  members.add(member)
  return member
}

async function replace (member: Member, kind: EndKind): Promise<void> {
  members.delete(member)
  if (kind === 'reload') await startMember().started()
  await member.stop(kind)
  if (kind !== 'reload') startMember()
}

async function replaceAll (kind: EndKind): Promise<void> {
  await Promise.all([...members].map(async member => await replace(member, kind)))
}

/** Ends workers at random times, several at once now and then. */
async function disturb (pause: number, signal: AbortSignal): Promise<void> {
  const replacing = new Set<Promise<void>>()
  while (!signal.aborted) {
    await delay(random.float() * 2 * pause, undefined, { signal }).catch(() => {})
    const candidates = [...members].filter(({ pulse }) => pulse.isReliable)
    if (signal.aborted || candidates.length === 0) continue
    const member = random.pick(candidates)
    // Before it listens, it receives no message.
    const kind = member.origin === null ? 'kill' : random.pick(END_KINDS)
    const done = replace(member, kind).finally(() => replacing.delete(done))
    replacing.add(done)
  }
  await Promise.all(replacing)
}

const observer = start()
for (let i = 0; i < workers; i++) startMember()
for (const member of [observer, ...members]) await member.started()
if (observer.origin === null) throw new Error('A worker does not start')
notify({ type: 'ready', origin: observer.origin })
