// The rules of Prometheus' data model, without the names that it reserves: names that begin with two underscores, names
// with colons (for recording rules), and `le` (the label of histogram buckets).
const METRIC_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/
const LABEL_NAME = /^(?!__|le$)[a-zA-Z_][a-zA-Z0-9_]*$/

/** Whether an application may use `name` for a metric. */
export function isMetricName (name: string): boolean {
  // prom-client looks names up in a plain object, and would find the inherited property instead of a metric.
  return METRIC_NAME.test(name) && !(name in Object.prototype)
}

/** Whether an application may use `name` for a label. */
export function isLabelName (name: string): boolean {
  return LABEL_NAME.test(name)
}

/** Converts `veCorrectionsCount` to `ve_corrections_count`. A run of capitals is one word. */
export function snakeCase (key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}
