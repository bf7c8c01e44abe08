import { escapeLabelValue, formatNumber } from './format.js'
import type { Exemplar, FamilyHead, Format } from './format.js'

const TYPES: readonly string[] = ['gauge', 'histogram', 'summary']
/** The base units that names of metrics end in here; OpenMetrics allows a unit only where the name does. */
const UNITS = ['seconds', 'bytes']
const TOTAL = '_total'
/** The code points that the labels of an exemplar may have, names and values together. */
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

// A family is called as its counter without `_total`. A counter that has no such name, or whose family would have a
// name of another metric, is of unknown type and keeps its name: dashboards and rules know it by that. A counter also
// reserves `_created`, which may be the name of a metric, or of the family of another counter.
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
  if (codeUnits > 2 * MAX_EXEMPLAR_CODE_POINTS) return '' // a code point has at most two, and counting those of a long text takes long
  const length = labels.reduce((sum, [name, label]) => sum + [...name, ...label].length, 0)
  if (length > MAX_EXEMPLAR_CODE_POINTS) return ''
  const pairs = labels.map(([name, label]) => `${name}="${escapeLabelValue(label)}"`)
  return ` # {${pairs.join()}} ${formatNumber(value)}${timestamp === undefined ? '' : ` ${timestamp}`}`
}
