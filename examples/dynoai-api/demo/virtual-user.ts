import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from './seeded-random.js'
import type { Tally } from './tally.js'

/** The content of a request, in addition to its method and route. */
export interface RequestContent {
  /** Replaces the parameter in the route. */
  readonly id?: string
  readonly json?: unknown
  readonly file?: { readonly name: string, readonly content: string } | undefined
}

/** A response with a JSON body. */
export interface JsonResponse {
  readonly status: number
  /** The properties of the JSON body. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Options of a virtual user. */
export interface VirtualUserOptions {
  readonly origin: string
  readonly tally: Tally
  readonly seed: number
  /** Users with the same seed, but different numbers, make different random choices. */
  readonly number: number
  /** Stops the user. */
  readonly signal: AbortSignal
}

/** A simulated client of the service that counts every response in its tally. */
export class VirtualUser {
  readonly #options: VirtualUserOptions

  constructor (options: VirtualUserOptions) {
    this.#options = options
  }

  get tally (): Tally {
    return this.#options.tally
  }

  /** Whether the user must stop. */
  get isStopping (): boolean {
    return this.#options.signal.aborted
  }

  /** Returns a number from 0 up to, but not including, 1; always the same for a key. */
  random (key: string): number {
    // The keys determine the traffic that the integration tests expect: with other keys, these need another seed.
    return seededRandom(this.#options.seed, `${key} of visitor ${this.#options.number}`)
  }

  /** Returns one of the items at random; always the same for a key. */
  pick<const T> (key: string, items: readonly T[]): T {
    // The random number is below 1, so the index exists.
    return items[Math.floor(this.random(key) * items.length)]!
  }

  /** Sends a request. With an `id`, the route must end in a parameter, such as `:id` or `:runId`. */
  async send (method: 'GET' | 'POST', route: string, { id, json, file }: RequestContent = {}): Promise<JsonResponse> {
    const { origin, tally } = this.#options
    const path = id === undefined ? route : route.replace(/:\w+$/, encodeURIComponent(id))
    const response = await fetch(origin + path, { method, ...(file ? fileBody(file) : jsonBody(json)) })
    const body = Object(await response.json())
    if (file) {
      tally.files++
      tally.fileBytes += Buffer.byteLength(file.content)
    }
    tally.add({ method, route: route.startsWith('/api') ? route : '__unmatched__', status: response.status })
    return { status: response.status, body }
  }

  /** Waits; returns early when the user must stop. */
  async pause (milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#options.signal }).catch(() => {})
  }
}

function jsonBody (json: unknown): RequestInit {
  return json === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }
}

function fileBody ({ name, content }: NonNullable<RequestContent['file']>): RequestInit {
  const body = new FormData()
  body.append('file', new Blob([content]), name)
  return { body }
}
