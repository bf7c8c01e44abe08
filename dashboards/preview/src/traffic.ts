import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Traffic } from '../../../examples/dynoai-api/demo/traffic.js'

const PHASE_SECONDS = 20
/** Actions of the demo per second in each phase. Constant traffic would draw flat lines. */
const PHASES = [3, 3, 4, 4, 5, 5, 6, 7, 7, 8, 8, 8, 7, 7, 6, 6, 5, 5, 4, 4, 3]

/** Sends the traffic of the demo to a service, at a rate that varies, until `signal` is aborted. */
export async function sendTraffic (origin: string, firstPhase: number, signal: AbortSignal): Promise<void> {
  // Every pause of every virtual user adds a listener to the signal.
  setMaxListeners(0, signal)
  const sent: Array<Promise<unknown>> = []
  for (let phase = firstPhase; !signal.aborted; phase++) {
    const perSecond = PHASES[phase % PHASES.length] ?? 1
    const traffic = new Traffic({ origin, seed: 2 + phase, actions: perSecond * PHASE_SECONDS, perSecond })
    sent.push(traffic.send(signal))
    await sleep(1000 * PHASE_SECONDS, undefined, { signal }).catch(() => {})
  }
  await Promise.all(sent)
}
