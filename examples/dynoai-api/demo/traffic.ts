import { ACTIONS, type Action } from './actions.js'
import { Tally } from './tally.js'
import { VirtualUser } from './virtual-user.js'

const WEIGHTED_ACTIONS = ACTIONS.flatMap(action => Array<Action>(action.weight).fill(action))

/** Options of the traffic. */
export interface TrafficOptions {
  /** Origin of the service, such as `http://127.0.0.1:5001`. */
  readonly origin: string
  /** The same seed produces the same actions in the same order. @default 1 */
  readonly seed?: number
  /** Number of actions. @default Infinity */
  readonly actions?: number
  /** Maximum number of actions that start per second. @default 5 */
  readonly perSecond?: number
  /** Maximum number of actions in progress at the same time. @default 20 */
  readonly concurrency?: number
}

/** Traffic of a busy tuning shop. Every action has a virtual user. */
export class Traffic {
  /** Counts of the requests and responses so far. */
  readonly tally = new Tally()
  readonly #options: Required<TrafficOptions>

  constructor (options: TrafficOptions) {
    this.#options = { seed: 1, actions: Infinity, perSecond: 5, concurrency: 20, ...options }
  }

  /** Sends the traffic; settles when all actions have ended, early when `signal` is aborted. */
  async send (signal: AbortSignal = new AbortController().signal): Promise<Tally> {
    const { origin, seed, actions, perSecond, concurrency } = this.#options
    const { tally } = this
    const inProgress = new Set<Promise<void>>()
    for (let number = 0; number < actions && !signal.aborted; number++) {
      const user = new VirtualUser({ origin, tally, signal, seed, number })
      const action = user.pick('action', WEIGHTED_ACTIONS).run(user)
        .catch(() => { tally.failedActions++ })
        .finally(() => inProgress.delete(action))
      inProgress.add(action)
      await user.pause(1000 / perSecond)
      if (inProgress.size >= concurrency) await Promise.race(inProgress)
    }
    await Promise.all(inProgress)
    return tally
  }
}
