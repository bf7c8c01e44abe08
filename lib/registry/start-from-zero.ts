import { Counter, Gauge } from 'prom-client'
import type { Histogram } from 'prom-client'

type Labels = Readonly<Record<string, string>>

/**
 * Makes the series that are known beforehand exist at 0, now and after every reset, so that a rate or an alert sees the
 * first event as an increase; prom-client itself does so only for counters and gauges without labels.
 */
export function startFromZero (metric: Counter | Gauge | Histogram, known: () => Iterable<Labels>): void {
  const zero = (): void => {
    for (const labels of known()) setToZero(metric, labels)
  }
  const reset = metric.reset.bind(metric)
  metric.reset = () => {
    reset()
    zero()
  }
  zero()
}

/** Makes a series that a metric does not have exist at 0. */
export function setToZero (metric: Counter | Gauge | Histogram, labels: Labels): void {
  if (metric instanceof Counter) metric.inc(labels, 0)
  else if (metric instanceof Gauge) metric.set(labels, 0)
  else metric.zero(labels)
}
