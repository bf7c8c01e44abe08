import { parseExposition, type Sample } from './exposition.js'
import { formatSummary } from './format-summary.js'

/**
 * Creates a function that scrapes the metrics and returns one line: a summary of the time since the previous call, or
 * why the metrics cannot be read. `token` is the Bearer token of the metrics; `clock` returns milliseconds.
 */
export function createReporter (
  metricsUrl: string,
  token?: string,
  clock = () => performance.now()
): () => Promise<string> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  let before: Sample[] = []
  let readAt = clock()

  return async function report () {
    const response = await fetch(metricsUrl, { headers })
    const text = await response.text()
    if (!response.ok) return `${metricsUrl} responded with status ${response.status}, so there is no summary.`
    const now = clock()
    const after = parseExposition(text)
    const summary = formatSummary({ before, after, seconds: (now - readAt) / 1000 })
    before = after
    readAt = now
    return summary
  }
}
