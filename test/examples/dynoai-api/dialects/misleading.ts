import { columnsOf, WINPEP } from './columns.js'
import type { Dialect } from './dialect.js'
import type { Cylinder, TrueRow } from './truth.js'
import { values, type Column } from './write-log.js'

const UNITS = 'the unit is unclear'
const NO_TABLE = 'no table'
const NAMES = columnsOf().map(([name]) => name)

const ofLambda = (convert: (lambda: number) => string) => ({
  commanded: ({ commanded }: TrueRow) => convert(commanded),
  measured: (cylinder: Cylinder) => ({ commanded, error }: TrueRow) =>
    convert(commanded * (100 + error[cylinder]) / 100)
})
const inverse = ofLambda(lambda => (1 / lambda).toFixed(4))
const ethanol = ofLambda(lambda => (9.765 * lambda).toFixed(3))
const millivolts = ({ error, rpm }: TrueRow) => String(error.both > 0 ? 10 + rpm % 8 : 700 + rpm % 180)
const without = (word: string) => columnsOf().filter(([name]) => !name.includes(word))
const withColumn = (name: string, text: Column[1]): Column[] =>
  columnsOf().map(column => column[0] === name ? [name, text] : column)
/** Returns the lines of a second run that begins with other lines. */
const secondRun = (above: readonly string[], change: (line: string) => string) => (lines: string[]) =>
  [...lines.slice(0, 150), ...above, ...lines.slice(150).map(change)]
const reorder = (line: string) => {
  const [time = '', ...others] = line.split(',')
  return [...others, time].join()
}

/** Ways to write a log that would give wrong corrections if the service trusted them. */
export const misleading: readonly Dialect[] = [
  {
    name: 'vacuum in inHg under `MAP (inHg)`',
    style: {
      separator: ',',
      columns: [...without('MAP'), ['MAP (inHg)', ({ map }) => ((100 - map) / 3.386389).toFixed(2)]]
    },
    gives: { status: 422, error: /^The column 'MAP \(inHg\)' cannot be manifold pressure in inHg: /, note: UNITS }
  },
  {
    name: 'vacuum in kPa under `MAP_kPa`',
    style: { separator: ',', columns: withColumn(WINPEP.map, ({ map }) => (100 - map).toFixed(1)) },
    gives: { status: 422, error: /^The column 'MAP_kPa' cannot be manifold pressure in kPa: /, note: UNITS }
  },
  {
    name: 'boost in kPa under `MAP_kPa`, 0 without boost',
    style: { separator: ',', columns: withColumn(WINPEP.map, ({ map }) => map > 60 ? map.toFixed(1) : '0') },
    gives: { status: 422, error: /^The column 'MAP_kPa' cannot be manifold pressure in kPa: /, note: UNITS }
  },
  {
    name: 'inHg under `MAP (bar)`',
    style: { separator: ',', columns: columnsOf({ map: 'MAP (bar)' }, { map: 'inHg' }) },
    gives: { status: 422, error: /^The column 'MAP \(bar\)' cannot be manifold pressure in bar: /, note: UNITS }
  },
  {
    name: '`1/Lambda`',
    style: {
      separator: ',',
      columns: [
        ...without('AFR'), ['1/Lambda Cmd', inverse.commanded],
        ['1/Lambda', inverse.measured('both')]
      ]
    },
    gives: {
      status: 422,
      error: /^These columns are missing from the log: commanded mixture .+'1\/Lambda'/,
      note: 'columns are missing'
    }
  },
  {
    name: 'a units row that names only the equivalence ratio',
    style: {
      separator: ',',
      columns: [
        ...without('AFR'), ['Lambda Cmd', inverse.commanded],
        ['Lambda', inverse.measured('both')]
      ],
      below: [',,,,,,phi,phi']
    },
    gives: { status: 422, error: /^The column 'Lambda Cmd' is in 'phi'\./, note: UNITS }
  },
  {
    name: 'measured AFR of ethanol, commanded AFR of petrol',
    style: { separator: ',', columns: withColumn(WINPEP.measured[0], ethanol.measured('front')) },
    gives: { status: 422, error: /^The column 'AFR_Meas_F' cannot be .+ in AFR: its values are [67]\./, note: UNITS }
  },
  {
    name: 'a narrow-band sensor in mV under `O2`',
    style: { separator: ',', columns: [...without('Meas'), ['O2', millivolts]] },
    gives: { status: 422, error: /^The column 'O2' cannot be measured mixture in AFR: its values are 10 to 8/, note: UNITS }
  },
  {
    name: 'AFR and lambda beside a stoichiometric ratio',
    style: {
      separator: ',',
      columns: [
        ['Stoich AFR', values.constant('14.08')],
        ...columnsOf({ measured: ['Lambda F', 'Lambda R'] }, { measured: 'measLambda' })
      ]
    },
    gives: { status: 422, error: /stoichiometric ratio in the column 'Stoich AFR'/, note: UNITS }
  },
  {
    name: 'IAT in K under `IAT`',
    style: { separator: ',', columns: withColumn(WINPEP.iat, ({ iat }) => ((iat + 459.67) / 1.8).toFixed(1)) },
    gives: { status: 422, error: /^The column 'IAT' cannot be intake air temperature in °F/, note: UNITS }
  },
  {
    name: 'a second run with its columns in another order',
    style: { separator: ',', columns: columnsOf(), finish: secondRun([reorder(NAMES.join())], reorder) },
    gives: { status: 400, error: /: it has a second header with other columns\.$/, note: NO_TABLE }
  },
  {
    name: 'a second run with another separator',
    style: {
      separator: ',',
      columns: columnsOf(),
      finish: secondRun([NAMES.join('\t')], line => line.replaceAll(',', '\t'))
    },
    gives: { status: 400, error: /: it has a second header with other columns\.$/, note: NO_TABLE }
  },
  {
    name: 'a second run with other units in its units row',
    style: {
      separator: ',',
      columns: columnsOf({ map: 'MAP' }),
      below: ['s,rpm,kPa'],
      finish: secondRun(['s,rpm,psi'], line => line)
    },
    gives: { status: 400, error: /: .+ the column 'MAP' has other units\.$/, note: NO_TABLE }
  },
  {
    name: 'decimal commas between commas, below a header with separators at its end',
    style: {
      separator: ',',
      columns: [
        [WINPEP.rpm, values.rpm], [WINPEP.map, ({ map }) => map.toFixed(0)],
        ['AFR Cmd', ({ commanded }) => (14.7 * commanded).toFixed(0)], ['AFR', values.measAfr('both')],
        ['', values.constant('')]
      ],
      number: text => text.replace('.', ',')
    },
    gives: { status: 400, error: /: \d+ of \d+ rows have more fields than the header/, note: NO_TABLE }
  },
  {
    name: 'hexadecimal numbers',
    style: { separator: ',', columns: withColumn(WINPEP.rpm, ({ rpm }) => `0x${rpm.toString(16)}`) },
    gives: { status: 422, error: /^The column 'RPM' has no values above 0: it has texts such as '0x/, note: UNITS }
  }
]
