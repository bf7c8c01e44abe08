import type { Encoder } from './encoder.js'
import { openMetricsEncoder, textEncoder } from './text-encoder.js'

/** One element of an `Accept` or `Accept-Encoding` header. */
interface Preference {
  /** In lower case. */
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
  /** From 0, not acceptable, to 1. */
  readonly quality: number
}

/**
 * Chooses the format for an `Accept` header: OpenMetrics if the header names it and does not prefer text. Otherwise
 * text, also for a wildcard and if nothing matches.
 */
export function negotiateFormat (accept: string | undefined): Encoder {
  const preferences = parse(accept)
  const openMetricsIndex = preferences.findIndex(isOpenMetrics)
  if (openMetricsIndex === -1) return textEncoder
  const quality = Math.max(...preferences.filter(isOpenMetrics).map(({ quality }) => quality))
  const textIndex = preferences.findIndex(isText)
  const textQuality = qualityOfText(preferences)
  const isFirst = textIndex === -1 || openMetricsIndex < textIndex
  const isPreferred = quality > textQuality || (quality === textQuality && isFirst)
  return quality > 0 && isPreferred ? openMetricsEncoder : textEncoder
}

/** Whether an `Accept-Encoding` header accepts gzip and does not prefer no encoding. */
export function wantsGzip (acceptEncoding: string | undefined): boolean {
  const preferences = parse(acceptEncoding)
  const qualityOf = (...values: readonly string[]): number | undefined =>
    preferences.find(({ value }) => values.includes(value))?.quality
  const gzip = qualityOf('gzip', 'x-gzip') ?? qualityOf('*') ?? 0
  return gzip > 0 && gzip >= (qualityOf('identity') ?? 0)
}

function isOpenMetrics ({ value, parameters }: Preference): boolean {
  return value === 'application/openmetrics-text' && ['1.0.0', undefined].includes(parameters.get('version'))
}

function isText ({ value, parameters }: Preference): boolean {
  return value === 'text/plain' && ['0.0.4', undefined].includes(parameters.get('version'))
}

/** The quality of the most specific element that accepts text. */
function qualityOfText (preferences: readonly Preference[]): number {
  const match = preferences.find(isText) ??
    preferences.find(({ value }) => value === 'text/*') ??
    preferences.find(({ value }) => value === '*/*')
  return match?.quality ?? 0
}

/** The elements of a header, without malformed ones. */
function parse (header = ''): Preference[] {
  return split(header, ',').flatMap(element => {
    const [value = '', ...rest] = split(element, ';').map(part => part.trim())
    const parameters = new Map(rest.map(parameter => {
      const [name = '', ...text] = parameter.split('=')
      return [name.trim().toLowerCase(), unquote(text.join('=').trim())]
    }))
    const quality = Number(parameters.get('q') ?? 1)
    return value !== '' && quality >= 0 && quality <= 1 ? [{ value: value.toLowerCase(), parameters, quality }] : []
  })
}

/** Splits at each separator that is not in quotes. */
function split (header: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let i = 0; i < header.length; i++) {
    const char = header[i]
    if (isQuoted && char === '\\') i++
    else if (char === '"') isQuoted = !isQuoted
    else if (char === separator && !isQuoted) {
      parts.push(header.slice(start, i))
      start = i + 1
    }
  }
  return [...parts, header.slice(start)]
}

function unquote (text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
}
