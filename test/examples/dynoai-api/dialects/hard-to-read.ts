import { columnsOf, WINPEP } from './columns.js'
import { BOTH, ONE_SENSOR, type Dialect } from './dialect.js'
import { values } from './write-log.js'

const NAMES = columnsOf().map(([name]) => name)

const unitsRows: Dialect[] = [
  {
    name: 'a units row with `1/min` and mbar, decimal commas',
    style: {
      separator: ';',
      columns: columnsOf({ map: 'MAP' }, { map: 'mbar', torque: 'Nm', iat: 'celsius' }),
      below: ['s;1/min;mbar;Nm;%;°C;:1;:1;:1;:1'],
      number: text => text.replace('.', ',')
    },
    gives: { ...BOTH, log: { columns: { rpm: { unit: 'rpm', unitNamed: true }, map: { unit: 'mbar' } } } }
  },
  {
    name: 'a units row with `1000/min`',
    style: { separator: ',', columns: columnsOf({}, { rpm: 'krpm' }), below: ['s,1000/min,kPa,,,,,,,'] },
    gives: { ...BOTH, log: { columns: { rpm: { unit: '1000 rpm' } } } }
  },
  {
    name: 'a units row in brackets',
    style: {
      separator: '\t', columns: columnsOf({ map: 'MAP' }, { map: 'inHg' }), below: ['[s]\t[rpm]\t[inHg]\t[ft-lb]']
    },
    gives: { ...BOTH, log: { columns: { map: { unit: 'inHg' } } } }
  },
  {
    name: 'a units row, then rows in which only the time is known',
    style: {
      separator: ',',
      columns: columnsOf({ map: 'MAP' }, { map: 'inHg', rpm: 'krpm' }),
      below: ['s,x1000,inHg,ft-lb'],
      finish: lines => [...Array<string>(8).fill(`0${',N/A'.repeat(9)}`), ...lines]
    },
    gives: { ...BOTH, log: { columns: { map: { unit: 'inHg' } }, rows: { dropped: { unreadable: 8 } } } }
  }
]

const headers: Dialect[] = [
  {
    name: 'a list of the columns in another order above the header',
    style: { separator: ',', columns: columnsOf(), preamble: [[...NAMES].reverse().join(), 'Gear: 4'] },
    gives: { ...BOTH, log: { headerLine: 3, columns: { measuredFront: { name: WINPEP.measured[0] } } } }
  },
  {
    name: 'a list of more columns above the header',
    style: {
      separator: ';',
      columns: columnsOf({ tps: undefined, iat: undefined }),
      preamble: [`Channels;HP;${[...NAMES].reverse().join(';')}`]
    },
    gives: { ...BOTH, log: { headerLine: 2 } }
  },
  {
    name: 'the header twice',
    style: { separator: ',', columns: columnsOf(), below: [NAMES.join()] },
    gives: BOTH
  },
  {
    name: 'short names below the header',
    style: { separator: ',', columns: columnsOf(), below: ['t,RPM,MAP,TQ,TP,IAT,AFR Cmd F,AFR Cmd R,AFR F,AFR R'] },
    gives: { ...BOTH, log: { headerLine: 1 } }
  }
]

const names: Dialect[] = [
  {
    name: 'engine speed in `[1/min x 1000]`',
    style: { separator: ',', columns: columnsOf({ rpm: 'RPM [1/min x 1000]' }, { rpm: 'krpm' }) },
    gives: { ...BOTH, log: { columns: { rpm: { unit: '1000 rpm' } } } }
  },
  {
    name: '`x1000 RPM`',
    style: { separator: ',', columns: columnsOf({ rpm: 'x1000 RPM' }, { rpm: 'krpm' }) },
    gives: { ...BOTH, log: { columns: { rpm: { unit: '1000 rpm' } } } }
  },
  {
    name: '`Map #` beside MAP',
    style: { separator: ',', columns: [['Map #', values.constant('70')], ...columnsOf()] },
    gives: BOTH
  },
  {
    name: '`AFR` and `O2` beside a wideband',
    style: {
      separator: ',',
      columns: [
        ['AFR', values.constant('12.9')], ['O2', values.constant('13.2')], ...columnsOf({ measured: 'Wideband AFR' })
      ]
    },
    gives: { ...ONE_SENSOR, note: 'the wideband', log: { columns: { measured: { name: 'Wideband AFR' } } } }
  },
  {
    name: 'a target in lambda under `AFR Target` beside those of the cylinders',
    style: { separator: ',', columns: [['AFR Target', values.cmdLambda], ...columnsOf()] },
    gives: BOTH
  }
]

const numbers: Dialect[] = [
  {
    name: 'spreadsheet texts such as `="12.8"`',
    style: { separator: ',', columns: columnsOf(), number: text => `="${text}"` },
    gives: BOTH
  },
  {
    name: 'a space before quotation marks',
    style: { separator: ',', columns: columnsOf(), number: text => ` "${text}"` },
    gives: BOTH
  },
  {
    name: '`1/min` behind values',
    style: {
      separator: '\t',
      columns: columnsOf({ rpm: 'n (Engine Speed)' }).map(([name, text]) =>
        [name.replace('n (Engine Speed)', 'Engine Speed'), name.startsWith('n (') ? row => `${text(row)} 1/min` : text])
    },
    gives: { ...BOTH, log: { columns: { rpm: { unit: 'rpm', unitNamed: true } } } }
  },
  {
    name: 'thousands separated by thin spaces',
    style: {
      separator: '\t',
      columns: columnsOf(),
      number: text => text.replace('.', ',').replace(/^(\d)(?=\d{3}$)/, '$1\u2009')
    },
    gives: BOTH
  }
]

/** Ways to write a log that are easily misread. */
export const hardToRead: readonly Dialect[] = [...unitsRows, ...headers, ...names, ...numbers]
