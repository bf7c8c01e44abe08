import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** Where clients send to, and whether the service is broken by now: some outages are what clients do. */
export interface Destination {
  readonly origin: string
  readonly isBroken: () => boolean
  /** Seconds since it was broken. */
  readonly sinceBroken: () => number
  readonly onResponse: (path: string, status: number) => void
  readonly signal: AbortSignal
}

/** Sends one request to a service, and waits for its end. */
export type Send = (destination: Destination) => Promise<void>

/** What clients send to each instance of a job. */
export interface Traffic {
  /** @default 2 */
  readonly perSecond?: number
  /** @default a GET of `/` */
  readonly send?: Send
  /** Requests that are open at the same time. Further ones are not sent. @default 20 */
  readonly maxOpen?: number
}

export interface RequestInit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

// A tenth of the CPU time of `fetch`: clients of all services share a process.
const agent = new Agent({ keepAlive: true })

/** Sends a request of a path, and reads the response. */
export async function request (
  { origin, signal, onResponse }: Destination, path = '/', init: RequestInit = {}
): Promise<void> {
  const { method = 'GET', headers = {}, body } = init
  const sent = httpRequest(origin + path, { method, headers, agent, signal })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  onResponse(path, Number(response.statusCode))
  await once(response.resume(), 'end')
}

/** Sends requests to an instance until the signal ends them all. Does not wait for one before it sends the next. */
export async function sendTraffic (
  destination: Destination, { perSecond = 2, send = request, maxOpen = 20 }: Traffic
): Promise<void> {
  const { signal } = destination
  const open = new Set<Promise<void>>()
  while (!signal.aborted) {
    if (open.size < maxOpen) {
      // A broken service refuses connections and breaks them. Its metrics and its alerts are what is judged.
      const sent: Promise<void> = send(destination).catch(() => {}).finally(() => open.delete(sent))
      open.add(sent)
    }
    await delay(1000 / perSecond, undefined, { signal }).catch(() => {})
  }
  await Promise.all(open)
}
