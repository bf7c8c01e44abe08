import { setTimeout as sleep } from 'node:timers/promises'
import { draw } from './draw.js'
import type { Tally } from './tally.js'

/** What a visitor sends besides method and route. */
export interface Visit {
  /** Replaces the parameter in the route. */
  readonly id?: string
  readonly json?: unknown
  readonly file?: { readonly name: string, readonly content: string } | undefined
}

/** What a visitor reads of an answer. */
export interface Reply {
  readonly status: number
  /** The properties of a JSON body. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Who visits: where, how their choices are drawn, and until when. */
export interface VisitorOptions {
  readonly origin: string
  readonly tally: Tally
  readonly seed: number
  /** Tells the choices of this visitor from those of others with the same seed. */
  readonly number: number
  readonly signal: AbortSignal
}

/** Someone who visits the service; every answer goes into the tally. */
export class Visitor {
  readonly #options: VisitorOptions

  constructor (options: VisitorOptions) {
    this.#options = options
  }

  get tally (): Tally {
    return this.#options.tally
  }

  /** Whether the visitor is asked to leave. */
  get isLeaving (): boolean {
    return this.#options.signal.aborted
  }

  /** A number from 0 up to 1 for a question. */
  draw (question: string): number {
    return draw(this.#options.seed, `${question} of visitor ${this.#options.number}`)
  }

  /** One of the items, drawn for a question. */
  pick<const T> (question: string, items: readonly T[]): T {
    // A drawn number is below 1, so the index exists.
    return items[Math.floor(this.draw(question) * items.length)]!
  }

  /** Sends a request to a route, whose template ends in `:id` or `:runId` when the visit has an id. */
  async send (method: 'GET' | 'POST', route: string, { id, json, file }: Visit = {}): Promise<Reply> {
    const { origin, tally } = this.#options
    const path = id === undefined ? route : route.replace(/:\w+$/, encodeURIComponent(id))
    const response = await fetch(origin + path, { method, ...(file ? withFile(file) : withJson(json)) })
    const body = Object(await response.json())
    if (file) {
      tally.files++
      tally.fileBytes += Buffer.byteLength(file.content)
    }
    tally.add({ method, route: route.startsWith('/api') ? route : '__unmatched__', status: response.status })
    return { status: response.status, body }
  }

  /** Waits, or until asked to leave. */
  async pause (milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#options.signal }).catch(() => {})
  }
}

function withJson (json: unknown): RequestInit {
  return json === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }
}

function withFile ({ name, content }: NonNullable<Visit['file']>): RequestInit {
  const body = new FormData()
  body.append('file', new Blob([content]), name)
  return { body }
}
