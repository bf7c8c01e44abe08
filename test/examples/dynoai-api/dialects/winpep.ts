import { columnsOf } from './columns.js'
import { BOTH, type Dialect } from './dialect.js'
import { values } from './write-log.js'

const quoted = (text: string) => `"${text}"`

const winpep: Dialect[] = [
  { name: 'WinPEP, commas', style: { separator: ',', columns: columnsOf() }, gives: BOTH },
  { name: 'WinPEP, tabs', style: { separator: '\t', columns: columnsOf() }, gives: BOTH },
  { name: 'WinPEP, semicolons', style: { separator: ';', columns: columnsOf() }, gives: BOTH },
  {
    name: 'WinPEP, UTF-8 with a mark',
    style: { separator: ',', columns: columnsOf(), encoding: 'utf8-mark' },
    gives: BOTH
  },
  {
    name: 'WinPEP, UTF-16 little-endian with a mark',
    style: { separator: '\t', columns: columnsOf(), encoding: 'utf16le-mark' },
    gives: { ...BOTH, log: { encoding: 'UTF-16LE' } }
  },
  {
    name: 'WinPEP, UTF-16 big-endian with a mark',
    style: { separator: ',', columns: columnsOf(), encoding: 'utf16be-mark' },
    gives: { ...BOTH, log: { encoding: 'UTF-16BE' } }
  },
  {
    name: 'WinPEP, Windows-1252',
    style: { separator: ';', columns: columnsOf({ iat: 'IAT (°C)' }, { iat: 'celsius' }), encoding: 'latin1' },
    gives: { ...BOTH, log: { encoding: 'Windows-1252', columns: { iat: { unit: '°C' } } } }
  },
  { name: 'WinPEP, line ends of Unix', style: { separator: ',', columns: columnsOf(), lineEnd: '\n' }, gives: BOTH },
  {
    name: 'WinPEP, line ends of old Macs',
    style: { separator: ',', columns: columnsOf(), lineEnd: '\r' },
    gives: BOTH
  },
  {
    name: 'WinPEP, a separator at the end of each row',
    style: { separator: ',', columns: columnsOf(), finish: lines => lines.map(line => `${line},`) },
    gives: BOTH
  },
  {
    name: 'WinPEP, quoted names and values',
    style: {
      separator: ',', columns: columnsOf().map(([name, text]) => [quoted(name), text]), number: quoted
    },
    gives: BOTH
  },
  {
    name: 'WinPEP, two runs in one file',
    style: {
      separator: ',',
      columns: columnsOf(),
      finish: (lines, header) => [...lines.slice(0, 100), header, ...lines.slice(100)]
    },
    gives: { ...BOTH, log: { rows: { dropped: { fields: 1 } } } }
  }
]

const dynoai: Dialect[] = [
  {
    name: "DynoAI's sample with `measured afr f`",
    style: {
      separator: ',',
      columns: columnsOf({
        time: 'timestamp',
        rpm: 'rpm',
        map: 'map',
        torque: 'torque',
        tps: 'tps',
        iat: 'iat',
        commanded: ['afr cmd f', 'afr cmd r'],
        measured: ['measured afr f', 'measured afr r']
      })
    },
    gives: BOTH
  },
  {
    name: "DynoAI's sample with `Engine RPM` and targets",
    style: {
      separator: ',',
      columns: [
        ['AFR Target F', values.constant('14.0')], ['AFR Target R', values.constant('14.0')], ['VE F',
          values.constant('80')],
        ...columnsOf({
          rpm: 'Engine RPM',
          map: 'MAP kPa',
          iat: 'IAT F',
          commanded: ['AFR Cmd F', 'AFR Cmd R'],
          measured: ['AFR Meas F', 'AFR Meas R']
        })
      ]
    },
    gives: {
      ...BOTH,
      note: '`AFR Cmd` comes before `AFR Target`',
      log: { columns: { commandedFront: { name: 'AFR Cmd F' } } }
    }
  },
  {
    name: "DynoAI's names in one word",
    style: {
      separator: ',',
      columns: columnsOf({
        rpm: 'EngineRPM', map: 'mapkpa', commanded: ['afrCmdF', 'afrCmdR'], measured: ['AFRMeasF', 'afrmeasr']
      })
    },
    gives: BOTH
  }
]

/** Logs of WinPEP and those with the names of DynoAI. */
export const winpepDialects: readonly Dialect[] = [...winpep, ...dynoai]
