import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once, setMaxListeners } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Traffic } from '../../../examples/dynoai-api/demo/traffic.js'

const WAVE_SECONDS = 20
/** More actions per second on top of the demo's, wave by wave: a service whose traffic never changes draws flat lines. */
const WAVES = [1, 1, 2, 3, 5, 8, 10, 9, 6, 4, 2]

/** One process of the example service, with the demo's traffic. */
export class Instance {
  #child: ChildProcess | undefined
  #origin = ''

  /** Where it listens, on loopback. */
  get origin (): string {
    return this.#origin
  }

  async start (): Promise<void> {
    // Once started it keeps its port, as a service does.
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
    if (child.exitCode !== null) throw new Error('The example service does not start.')
  }

  async close (): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }

  /** Sends waves of the demo's traffic until `signal` is aborted. */
  async swamp (firstWave: number, signal: AbortSignal): Promise<void> {
    // Every pause of every visitor listens to it.
    setMaxListeners(0, signal)
    const waves: Array<Promise<unknown>> = []
    for (let wave = firstWave; !signal.aborted; wave++) {
      const perSecond = WAVES[wave % WAVES.length] ?? 1
      const traffic = new Traffic({ origin: this.origin, seed: 2 + wave, actions: perSecond * WAVE_SECONDS, perSecond })
      waves.push(traffic.send(signal))
      await sleep(1000 * WAVE_SECONDS, undefined, { signal }).catch(() => {})
    }
    await Promise.all(waves)
  }
}
