import { errors } from '../errors.js'
import { redacted } from '../options/rules.js'
import { isObject } from '../util/is-object.js'

/** Returns whether a request has ended. `request` is Fastify's request or Node's, `raw` is Node's. */
export type HasEnded = (request: object, raw: object) => boolean

/** The requests that `recordException` was called with. */
export class RecordedExceptions {
  readonly #metric: string
  readonly #onMetricError: (err: unknown) => void
  // By Node's request, because Fastify's request has a reference to it, but not the other way round.
  readonly #failed = new WeakSet<object>()

  /** Wrong calls are counted as metric errors of `metric`. */
  constructor (metric: string, onMetricError: (err: unknown) => void) {
    this.#metric = metric
    this.#onMetricError = onMetricError
  }

  has (raw: object): boolean {
    return this.#failed.has(raw)
  }

  /** Records that a request failed. It never throws, for any value, and its messages contain no data of a request. */
  record (request: unknown, hasEnded: HasEnded): void {
    try {
      const raw = nodeRequestOf(request)
      if (raw === null) throw this.#error("recordException accepts Fastify's request or Node's", redacted(request))
      if (hasEnded(request as object, raw)) {
        throw this.#error('recordException must be called before the end of the request', 'a request that has ended')
      }
      this.#failed.add(raw)
    } catch (err) {
      this.#onMetricError(err)
    }
  }

  #error (problem: string, received: string): Error {
    return new errors.ERR_CALL(this.#metric, problem, received)
  }
}

function nodeRequestOf (value: unknown): object | null {
  if (!isObject(value)) return null
  if (isNodeRequest(value)) return value
  const { raw } = value
  return isNodeRequest(raw) ? raw : null
}

// By its properties, because the request of `inject` has another class. A response has no `httpVersion`.
function isNodeRequest (value: unknown): value is object {
  return isObject(value) &&
    typeof value['httpVersion'] === 'string' && typeof value['method'] === 'string' && 'socket' in value
}
