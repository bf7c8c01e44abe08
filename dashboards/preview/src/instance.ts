import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once, setMaxListeners } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Traffic } from '../../../examples/dynoai-api/demo/traffic.js'

const PHASE_SECONDS = 20
/** Actions per second in each phase, in addition to those of the demo. Constant traffic would draw flat lines. */
const PHASES = [1, 1, 2, 3, 5, 8, 10, 9, 6, 4, 2]

/** A process of the example service, with the traffic of the demo. */
export class Instance {
  #child: ChildProcess | undefined
  #origin = ''

  /** The address on loopback that it listens on. */
  get origin (): string {
    return this.#origin
  }

  async start (): Promise<void> {
    // After a restart the port must be the same, because Prometheus scrapes it.
    const port = this.#origin === '' ? '0' : new URL(this.#origin).port
    const child = spawn(process.execPath, ['dist/examples/dynoai-api/demo/main.js'], {
      env: { ...process.env, HOST: '127.0.0.1', PORT: port, METRICS_PATH: '' },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    this.#child = child
    for await (const line of createInterface({ input: child.stdout })) {
      const [, origin] = / listens at (http:\S+),/.exec(line) ?? []
      if (origin === undefined) continue
      this.#origin = origin
      break
    }
    child.stdout.resume()
    if (child.exitCode !== null) throw new Error('The example service did not start.')
  }

  async close (): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill()
    await exited
  }

  /** Sends traffic of varying rate until `signal` is aborted. */
  async sendTraffic (firstPhase: number, signal: AbortSignal): Promise<void> {
    // Every pause of every virtual user adds a listener to the signal.
    setMaxListeners(0, signal)
    const sent: Array<Promise<unknown>> = []
    for (let phase = firstPhase; !signal.aborted; phase++) {
      const perSecond = PHASES[phase % PHASES.length] ?? 1
      const actions = perSecond * PHASE_SECONDS
      const traffic = new Traffic({ origin: this.origin, seed: 2 + phase, actions, perSecond })
      sent.push(traffic.send(signal))
      await sleep(1000 * PHASE_SECONDS, undefined, { signal }).catch(() => {})
    }
    await Promise.all(sent)
  }
}
