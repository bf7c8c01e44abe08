// The rules are those of Prometheus' data model, less what it reserves: names that begin with two underscores, the
// colons of recording rules, and `le`, which belongs to histograms.
const METRIC_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/
const LABEL_NAME = /^(?!__|le$)[a-zA-Z_][a-zA-Z0-9_]*$/

/** Whether an application may use `name` for a metric. */
export function isMetricName (name: string): boolean {
  // prom-client looks names up in an object, and would take what every object has for a metric.
  return METRIC_NAME.test(name) && !(name in Object.prototype)
}

/** Whether an application may use `name` for a label. */
export function isLabelName (name: string): boolean {
  return LABEL_NAME.test(name)
}

/** `veCorrectionsCount` as `ve_corrections_count`; a run of capitals is one word. */
export function snakeCase (key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}
