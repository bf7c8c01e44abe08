import { ACTIONS, type Action } from './actions.js'
import { Tally } from './tally.js'
import { Visitor } from './visitor.js'

const WEIGHTED_ACTIONS = ACTIONS.flatMap(action => Array<Action>(action.weight).fill(action))

/** How much traffic there is. */
export interface TrafficOptions {
  /** Where the service listens, such as `http://127.0.0.1:5001`. */
  readonly origin: string
  /** The same seed gives the same actions in the same order. @default 1 */
  readonly seed?: number
  /** How many actions there are. @default Infinity */
  readonly actions?: number
  /** How many actions begin per second, at most. @default 5 */
  readonly perSecond?: number
  /** How many actions are under way at once, at most. @default 20 */
  readonly concurrency?: number
}

/** Traffic of a busy tuning shop, the same for the same seed. */
export class Traffic {
  /** What was sent and answered so far. */
  readonly tally = new Tally()
  readonly #options: Required<TrafficOptions>

  constructor (options: TrafficOptions) {
    this.#options = { seed: 1, actions: Infinity, perSecond: 5, concurrency: 20, ...options }
  }

  /** Sends the traffic; settles when every action has ended, early when `signal` is aborted. */
  async send (signal: AbortSignal = new AbortController().signal): Promise<Tally> {
    const { origin, seed, actions, perSecond, concurrency } = this.#options
    const { tally } = this
    const underWay = new Set<Promise<void>>()
    for (let number = 0; number < actions && !signal.aborted; number++) {
      const visitor = new Visitor({ origin, tally, signal, seed, number })
      const action = visitor.pick('action', WEIGHTED_ACTIONS).act(visitor)
        .catch(() => { tally.unanswered++ })
        .finally(() => underWay.delete(action))
      underWay.add(action)
      await visitor.pause(1000 / perSecond)
      if (underWay.size >= concurrency) await Promise.race(underWay)
    }
    await Promise.all(underWay)
    return tally
  }
}
