import { escapeLabelValue, formatNumber } from './format.js'
import type { Exemplar, FamilyHead, Format } from './format.js'

const TYPES: readonly string[] = ['gauge', 'histogram', 'summary']
/** The base units of this plugin's metrics. OpenMetrics allows a unit only if the name of the family ends with it. */
const UNITS = ['seconds', 'bytes']
const TOTAL = '_total'
/** The limit of OpenMetrics for the labels of an exemplar, in code points of all names and values together. */
const MAX_EXEMPLAR_CODE_POINTS = 128

/** OpenMetrics 1.0. */
export const openMetrics: Format = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  head (family, usedNames) {
    const isWrittenAsCounter = canBeCounter(family, usedNames)
    const name = isWrittenAsCounter ? family.name.slice(0, -TOTAL.length) : family.name
    const type = isWrittenAsCounter ? 'counter' : TYPES.includes(family.type) ? family.type : 'unknown'
    const unit = UNITS.find(unit => name.endsWith(`_${unit}`))
    const help = family.help.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    return `# TYPE ${name} ${type}\n${unit === undefined ? '' : `# UNIT ${name} ${unit}\n`}# HELP ${name} ${help}\n`
  },
  bound: value => Number.isInteger(value) && !String(value).includes('e') ? `${value}.0` : formatNumber(value),
  mayHaveExemplars: (family, usedNames) => family.type === 'histogram' || canBeCounter(family, usedNames),
  exemplar: (sampleName, exemplar) => mayHaveExemplar(sampleName) ? formatExemplar(exemplar) : '',
  end: '# EOF\n'
}

// In OpenMetrics the name of a counter's family is the name of the counter without `_total`. A counter is written with
// the type unknown if its name does not end with `_total`, or if its family would have the name of another metric. Then
// it keeps its name, since dashboards and rules use that. A counter also reserves `_created`, which may be the name of
// a metric, or of the family of another counter.
function canBeCounter ({ name, type }: FamilyHead, usedNames: Pick<ReadonlySet<string>, 'has'>): boolean {
  if (type !== 'counter' || !name.endsWith(TOTAL) || name === TOTAL) return false
  const family = name.slice(0, -TOTAL.length)
  return !['', '_created', `_created${TOTAL}`].some(suffix => usedNames.has(family + suffix))
}

function mayHaveExemplar (sampleName: string): boolean {
  return sampleName.endsWith(TOTAL) || sampleName.endsWith('_bucket')
}

function formatExemplar ({ labelSet = {}, value, timestamp }: Exemplar): string {
  const labels = Object.entries(labelSet).map(([name, label]) => [name, String(label)] as const)
  const codeUnits = labels.reduce((sum, [name, label]) => sum + name.length + label.length, 0)
  // A code point has at most two code units. Checked first, since counting the code points of a long text is slow.
  if (codeUnits > 2 * MAX_EXEMPLAR_CODE_POINTS) return ''
  const codePoints = labels.reduce((sum, [name, label]) => sum + [...name, ...label].length, 0)
  if (codePoints > MAX_EXEMPLAR_CODE_POINTS) return ''
  const pairs = labels.map(([name, label]) => `${name}="${escapeLabelValue(label)}"`)
  return ` # {${pairs.join()}} ${formatNumber(value)}${timestamp === undefined ? '' : ` ${timestamp}`}`
}
