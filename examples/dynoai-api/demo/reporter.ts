import { parseExposition, type Sample } from './exposition.js'
import { figures } from './figures.js'

/**
 * Reads the metrics again and again; each call gives one line of figures, or why there are none.
 * `token` opens metrics that are not open to all, `clock` tells milliseconds.
 */
export function createReporter (metricsUrl: string, token?: string, clock = () => performance.now()): () => Promise<string> {
  let before: Sample[] = []
  let readAt = clock()

  return async function report () {
    const response = await fetch(metricsUrl, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
    const text = await response.text()
    if (!response.ok) return `${metricsUrl} answers ${response.status}, so there are no figures.`
    const seconds = (clock() - readAt) / 1000
    readAt += 1000 * seconds
    const now = parseExposition(text)
    const line = figures(before, now, seconds)
    before = now
    return line
  }
}
