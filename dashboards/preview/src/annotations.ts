import type { PrometheusSeries, Range } from './prometheus.js'
import type { Annotation, AnnotationJson } from './snapshot.js'

/**
 * Converts the result of an annotation's query to events, as Grafana does: a value above 0 is an event, and those of
 * one series that follow each other without a gap are one event with a duration.
 */
export function toAnnotations (json: AnnotationJson, found: readonly PrometheusSeries[], range: Range): Annotation[] {
  const [start, end, step] = [1000 * range.start, 1000 * range.end, 1000 * range.step]
  const annotations: Annotation[] = []
  for (const { metric, values = [] } of found) {
    const fill = (template = '') => template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => metric[label] ?? '')
    const times = values.filter(([, value]) => Number(value) > 0)
      .map(([time, value]) => json.useValueForTime === true ? Number(value) : 1000 * time)
    let open: { time: number, timeEnd: number } | undefined
    for (const time of times) {
      if (time < start || time > end) continue
      if (open !== undefined && time <= open.timeEnd + step) {
        open.timeEnd = time
        continue
      }
      open = { time, timeEnd: time }
      const { iconColor: color, titleFormat, textFormat } = json
      annotations.push(Object.assign(open, { color, title: fill(titleFormat), text: fill(textFormat) }))
    }
  }
  return annotations.sort((a, b) => a.time - b.time)
}
