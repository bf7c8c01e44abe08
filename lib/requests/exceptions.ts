import { errors } from '../errors.js'
import { redacted } from '../options/rules.js'
import { isObject } from '../util/is-object.js'

/** Tells whether a request has ended: `given` is Fastify's request or Node's, `raw` is Node's. */
export type HasEnded = (given: object, raw: object) => boolean

/** The requests of which `recordException` has said that they failed. */
export class RecordedExceptions {
  readonly #metric: string
  readonly #onMetricError: (err: unknown) => void
  // By Node's request, which Fastify's leads to, and not the other way round.
  readonly #failed = new WeakSet<object>()

  /** Wrong calls are errors of `metric`. */
  constructor (metric: string, onMetricError: (err: unknown) => void) {
    this.#metric = metric
    this.#onMetricError = onMetricError
  }

  has (raw: object): boolean {
    return this.#failed.has(raw)
  }

  /** Records that a request failed. It never throws, whatever it is given, and shows nothing of a request. */
  record (given: unknown, hasEnded: HasEnded): void {
    try {
      const raw = nodeRequestOf(given)
      if (raw === null) throw this.#error("recordException takes Fastify's request or Node's", redacted(given))
      if (hasEnded(given as object, raw)) throw this.#error('recordException must be called before the end of the request', 'a request that has ended')
      this.#failed.add(raw)
    } catch (err) {
      this.#onMetricError(err)
    }
  }

  #error (problem: string, what: string): Error {
    return new errors.ERR_CALL(this.#metric, problem, what)
  }
}

function nodeRequestOf (given: unknown): object | null {
  if (!isObject(given)) return null
  if (isNodeRequest(given)) return given
  const { raw } = given
  return isNodeRequest(raw) ? raw : null
}

// By its properties: the request of `inject` is of a class of its own. A response has no `httpVersion`.
function isNodeRequest (value: unknown): value is object {
  return isObject(value) && typeof value['httpVersion'] === 'string' && typeof value['method'] === 'string' && 'socket' in value
}
