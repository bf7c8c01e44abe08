/** One line of the text format of Prometheus. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g
const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n' }

/** Reads the samples of a scrape in Prometheus's text format. */
export function parseExposition (text: string): Sample[] {
  return text.split('\n').flatMap(line => {
    const [, name, labels = '', value] = LINE.exec(line) ?? []
    return name === undefined ? [] : [{ name, labels: parseLabels(labels), value: parseValue(value) }]
  })
}

/** The sum of the samples of a name that have these labels, 0 without any. */
export function sum (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  return samples
    .filter(sample => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((total, { value }) => total + value, 0)
}

function parseLabels (labels: string): Record<string, string> {
  return Object.fromEntries([...labels.matchAll(LABEL)].map(([, name, value = '']) =>
    [name, value.replace(/\\./g, escape => ESCAPES[escape] ?? escape.slice(1))]))
}

// Prometheus writes an infinity in its own way; NaN it writes like JavaScript.
function parseValue (value = ''): number {
  return Number(value.replace('Inf', 'Infinity'))
}
