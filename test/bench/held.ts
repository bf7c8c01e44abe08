import { startChild } from './child.js'

/** Bytes that are kept for one series, when it has been written and when it has been scraped as well. */
export interface Held {
  readonly written: number
  readonly scraped: number
}

/** Weighs as many series of a type of metric, in a process of their own. */
export async function weighHeld (client: string, type: string, series: number): Promise<Held> {
  const child = await startChild<Held, never>('held-process.js', [client, type, series])
  await child.close()
  return child.ready
}
