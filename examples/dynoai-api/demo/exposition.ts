/** One sample of Prometheus's text format. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g

/** Parses the samples of a scrape in Prometheus's text format. */
export function parseExposition (text: string): Sample[] {
  return text.split('\n').flatMap(line => {
    const [, name, labels = '', value = ''] = LINE.exec(line) ?? []
    return name === undefined ? [] : [{ name, labels: parseLabels(labels), value: parseValue(value) }]
  })
}

/** Returns the sum of the samples with this name and these labels; 0 if there are none. */
export function sum (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  const hasLabels = (sample: Sample) =>
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  return samples
    .filter(sample => sample.name === name && hasLabels(sample))
    .reduce((total, { value }) => total + value, 0)
}

function parseLabels (labels: string): Record<string, string> {
  return Object.fromEntries([...labels.matchAll(LABEL)].map(([, name, value = '']) =>
    [name, value.replace(/\\./g, escape => escape === '\\n' ? '\n' : escape.slice(1))]))
}

/** Prometheus writes an infinity as `Inf`, which `Number` does not accept. */
function parseValue (value: string): number {
  return Number(value.replace('Inf', 'Infinity'))
}
