const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * Returns the seconds of a duration of Prometheus with one unit, such as `30m`.
 * @throws for any other text
 */
export function secondsOf (duration: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? []
  if (count === undefined) throw new Error(`Not a duration with one unit: ${duration}`)
  return Number(count) * Number(SECONDS[unit])
}

const WORDS: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day' }

/** Returns a duration in words that follow "the last": `6 hours`, `hour`. */
export function wordsOf (duration: string): string {
  const count = duration.slice(0, -1)
  const unit = String(WORDS[duration.slice(-1)])
  return count === '1' ? unit : `${count} ${unit}s`
}
