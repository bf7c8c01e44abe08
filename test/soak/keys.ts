/** The key of a sample: its name and its labels, whatever their order. */
export function keyOf (name: string, labels: Readonly<Record<string, string>> = {}): string {
  return name + JSON.stringify(Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1))
}

/** The name of the sample with this key. */
export function nameOf (key: string): string {
  return key.slice(0, key.indexOf('['))
}
