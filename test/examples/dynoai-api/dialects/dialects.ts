import { columnsOf, type ColumnNames } from './columns.js'
import { hardToRead } from './hard-to-read.js'
import { misleading } from './misleading.js'
import { refusedDialects } from './refused.js'
import type { Cylinder } from './truth.js'
import { values, type Column, type LogStyle } from './write-log.js'

/** A way to write a log, and what the service gives for it. */
export interface Dialect {
  /** For the table in the README of the example. */
  readonly name: string
  readonly style: LogStyle
  /** The cylinders that are corrected, and how columns are understood, if that is not obvious; or a refusal. */
  readonly gives:
    | { readonly cylinders: readonly Cylinder[], readonly note?: string, readonly log?: object }
    | { readonly status: 400 | 422, readonly error: RegExp, readonly note: string }
}

const BOTH = { cylinders: ['front', 'rear'] } as const
const ONE_SENSOR = { cylinders: ['both'] } as const

const ECU = '(Harley - ECU Type 14 SW Level 141)'
const POWER_CORE: ColumnNames = {
  rpm: '(DWRT CPU) Engine RPM',
  map: `${ECU} Manifold Absolute Pressure`,
  torque: '(DWRT CPU) Torque',
  tps: `${ECU} Throttle Position`,
  iat: `${ECU} Intake Air Temperature`,
  commanded: `${ECU} Desired Air/Fuel`,
  measured: ['(DWRT CPU) LC2 Volts Petrol AFR1', '(DWRT CPU) LC2 Volts Petrol AFR2']
}
const POWER_VISION: ColumnNames = {
  rpm: '(PV) Engine Speed',
  map: '(PV) MAP',
  torque: '(DWRT CPU) Torque',
  tps: '(PV) Throttle Position',
  iat: '(PV) Intake Air Temp (F)',
  commanded: ['(PV) AFR Cmd F', '(PV) AFR Cmd R'],
  measured: ['(PV) WBO2 AFR Front', '(PV) WBO2 AFR Rear']
}
const ECU_ONLY = { torque: undefined, iat: undefined, tps: undefined }

const comma = (text: string) => text.replace('.', ',')
/** Writes groups of three digits. */
const grouped = (group: string, mark: string) => (text: string) => {
  const [whole = '', decimals] = text.split('.')
  return whole.replace(/\B(?=(\d{3})+$)/g, group) + (decimals === undefined ? '' : mark + decimals)
}
const UNITS_BEHIND: Readonly<Record<string, string>> = { RPM: ' rpm', MAP: ' inHg', AFR_Meas_F: ':1' }
const withUnit = (name: string, text: Column[1]): Column[1] => row => text(row) + (UNITS_BEHIND[name] ?? '')
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
    gives: { ...BOTH, log: { rows: { dropped: { unreadable: 1 } } } }
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

const powerCore: Dialect[] = [
  {
    name: 'Power Core, tabs, prefixes in brackets',
    style: { separator: '\t', columns: columnsOf(POWER_CORE) },
    gives: BOTH
  },
  {
    name: 'Power Core, `RPM1000`',
    style: { separator: ',', columns: columnsOf({ ...POWER_CORE, rpm: '(DWRT CPU) RPM1000' }, { rpm: 'krpm' }) },
    gives: { ...BOTH, log: { columns: { rpm: { unit: '1000 rpm' } } } }
  },
  {
    name: 'Power Core, engine speed in thousands beside that of the ECU',
    style: {
      separator: ',',
      columns: [['(DWRT CPU) Engine RPM', values.krpm], ...columnsOf({ ...POWER_CORE, rpm: `${ECU} Engine Speed` })]
    },
    gives: {
      ...BOTH,
      note: 'the engine speed of the ECU',
      log: {
        columns: {
          rpm: {
            name: `${ECU} Engine Speed`,
            unit: 'rpm'
          }
        }
      }
    }
  },
  {
    name: 'Power Core, `RPM (x1000)` in a units row',
    style: {
      separator: '\t',
      columns: columnsOf({}, { rpm: 'krpm' }),
      below: ['s\tx1000\tkPa\tft-lb\t%\t°F\tAFR\tAFR\tAFR\tAFR']
    },
    gives: { ...BOTH, log: { columns: { rpm: { unit: '1000 rpm' } } } }
  },
  {
    name: 'Power Core, decimal commas, semicolons, UTF-16',
    style: { separator: ';', columns: columnsOf(POWER_CORE), encoding: 'utf16le-mark', number: comma },
    gives: { ...BOTH, log: { decimalMark: ',', separator: 'semicolon' } }
  },
  {
    name: 'Power Core, decimal commas, tabs, `RPM1000`',
    style: { separator: '\t', columns: columnsOf({ rpm: 'RPM1000' }, { rpm: 'krpm' }), number: comma },
    gives: { ...BOTH, log: { decimalMark: ',', columns: { rpm: { unit: '1000 rpm' } } } }
  },
  {
    name: 'Power Core, power in place of torque',
    style: { separator: ',', columns: columnsOf({ ...POWER_CORE, torque: '(DWRT CPU) Power' }, { torque: 'hp' }) },
    gives: { ...BOTH, note: 'torque is power × 5252 / rpm', log: { standIn: /power/ } }
  },
  {
    name: 'Power Core, power in kW',
    style: { separator: ',', columns: columnsOf({ ...POWER_CORE, torque: '(DWRT CPU) Power (kW)' }, { torque: 'kW' }) },
    gives: { ...BOTH, note: 'torque is power × 5252 / rpm', log: { columns: { power: { unit: 'kW' } } } }
  }
]

const powerVision: Dialect[] = [
  {
    name: 'Power Vision, AFR of two widebands',
    style: { separator: ',', columns: columnsOf(POWER_VISION) },
    gives: BOTH
  },
  {
    name: 'Power Vision, lambda',
    style: {
      separator: ',',
      columns: columnsOf(
        {
          ...POWER_VISION,
          commanded: '(PV) Set Lambda',
          measured: ['(PV) WBO2 LAMBDA Front',
            '(PV) WBO2 LAMBDA Rear']
        },
        { commanded: 'cmdLambda', measured: 'measLambda' }
      )
    },
    gives: { ...BOTH, note: 'lambda × 14.7', log: { stoichiometricRatio: 14.7 } }
  },
  {
    name: 'Power Vision, commanded AFR and measured lambda',
    style: {
      separator: ',',
      columns: columnsOf(
        { ...POWER_VISION, measured: ['AT Lambda 1', 'AT Lambda 2'] }, { measured: 'measLambda' }
      )
    },
    gives: { ...BOTH, note: 'lambda × 14.7', log: { stoichiometricRatio: 14.7 } }
  },
  {
    name: 'Power Vision, MAP in inHg',
    style: { separator: ',', columns: columnsOf({ ...POWER_VISION, map: '(PV) MAP (inHg)' }, { map: 'inHg' }) },
    gives: { ...BOTH, log: { columns: { map: { unit: 'inHg' } } } }
  },
  {
    name: 'Power Vision, no torque',
    style: { separator: ',', columns: columnsOf({ ...POWER_VISION, torque: undefined }) },
    gives: { ...BOTH, note: 'MAP weights the rows', log: { standIn: /MAP/ } }
  }
]

const otherPrograms: Dialect[] = [
  {
    name: 'MegaLogViewer `.msl`: units row, markers',
    style: {
      separator: '\t',
      preamble: ['"MS2Extra comms342h2: test, RPM 900"', '"Capture Date: Sat Dec 26 19:53:12 EST 2015"'],
      columns: [
        ...columnsOf({ ...ECU_ONLY, map: 'MAP', tps: 'TPS', commanded: 'AFR Target', measured: 'AFR' }), ['tpsADC',
          values.constant('48')]
      ],
      below: ['sec\trpm\tkPa\t%\tAFR\tAFR\tADC'],
      finish: lines => [...lines.slice(0, 50), 'MARK 001 - Manual - Sat Dec 26 19:53:14 EST 2015', ...lines.slice(50)]
    },
    gives: { ...ONE_SENSOR, note: 'MAP weights the rows', log: { headerLine: 3, rows: { dropped: { unreadable: 1 } } } }
  },
  {
    name: 'TunerStudio CSV, lambda, a units row',
    style: {
      separator: ',',
      columns: columnsOf(
        { ...ECU_ONLY, map: 'MAP', commanded: 'Lambda Target', measured: 'Lambda' },
        { commanded: 'cmdLambda', measured: 'measLambda' }
      ),
      below: ['s,RPM,kPa,λ,λ']
    },
    gives: { ...ONE_SENSOR, note: 'MAP weights the rows; lambda × 14.7', log: { stoichiometricRatio: 14.7 } }
  },
  {
    name: 'TunerStudio, `AFR Target 1` without a second one',
    style: {
      separator: ',', columns: columnsOf({ ...ECU_ONLY, map: 'MAP (kPa)', commanded: 'AFR Target 1', measured: 'AFR' })
    },
    gives: { ...ONE_SENSOR, note: 'MAP weights the rows' }
  },
  {
    name: 'HP Tuners: sections, numbers of channels, a units row',
    style: {
      separator: ',',
      lineEnd: '\r\n',
      preamble: [
        'HP Tuners CSV Log File', 'Version: 1.0', '', '[Log Information]', 'Creation Time: 1/2/2024',
        'Notes: RPM sweep', '',
        '[Channel Information]', '0,2130,11,90,120,9110,9120'
      ],
      columns: columnsOf({
        time: 'Offset',
        rpm: 'Engine RPM (SAE)',
        map: 'Intake Manifold Absolute Pressure (SAE)',
        torque: 'Engine Torque',
        tps: 'Throttle Position (SAE)',
        iat: 'Intake Air Temp (SAE)',
        commanded: 'Air-Fuel Ratio Commanded',
        measured: 'AEM UEGO AFR'
      }, { torque: 'Nm', iat: 'celsius' }),
      below: ['s,rpm,kPa,Nm,%,°C,:1,:1', '', '[Channel Data]']
    },
    gives: {
      ...ONE_SENSOR,
      log: {
        headerLine: 10,
        columns: {
          torque: { unit: 'N·m' },
          iat: { unit: '°C' },
          map: { unit: 'kPa' }
        }
      }
    }
  }
]

const names: Dialect[] = [
  {
    name: 'units in parentheses',
    style: {
      separator: ',',
      columns: columnsOf({
        rpm: 'RPM (1/min)',
        map: 'MAP (kPa)',
        torque: 'Torque (ft-lb)',
        tps: 'TPS (%)',
        iat: 'IAT (°F)',
        commanded: ['AFR Cmd F (AFR)', 'AFR Cmd R (AFR)'],
        measured: ['AFR Meas F (:1)', 'AFR Meas R (:1)']
      })
    },
    gives: BOTH
  },
  {
    name: 'units in square brackets, metric',
    style: {
      separator: ';',
      columns: columnsOf(
        { rpm: 'Engine Speed [min-1]', map: 'Manifold Pressure [hPa]', torque: 'Torque [N·m]', iat: 'IAT [°C]' },
        { map: 'mbar', torque: 'Nm', iat: 'celsius' }
      )
    },
    gives: { ...BOTH, log: { columns: { map: { unit: 'mbar' }, torque: { unit: 'N·m' } } } }
  },
  {
    name: 'dots in names',
    style: {
      separator: ',',
      columns: columnsOf({
        rpm: 'Engine.RPM', map: 'MAP.kPa', commanded: ['AFR.Cmd.F', 'AFR.Cmd.R'], measured: ['AFR.Meas.F', 'AFR.Meas.R']
      })
    },
    gives: BOTH
  },
  {
    name: 'hyphens in names',
    style: {
      separator: ',',
      columns: columnsOf({
        rpm: 'Engine-RPM',
        map: 'MAP-kPa',
        commanded: ['AFR-Cmd-F', 'AFR-Cmd-R'],
        measured: ['WB-AFR-Front',
          'WB-AFR-Rear']
      })
    },
    gives: BOTH
  },
  {
    name: '`#` before the header and in names',
    style: {
      separator: ',',
      columns: columnsOf({
        time: '#Time',
        commanded: 'AFR Target',
        measured: ['AFR #1',
          'AFR #2']
      })
    },
    gives: BOTH
  },
  {
    name: 'words in another order',
    style: {
      separator: ',',
      columns: columnsOf({
        commanded: ['Commanded AFR Front', 'Commanded AFR Rear'],
        measured: ['Air/Fuel Ratio 1 (Wideband)', 'Air/Fuel Ratio 2 (Wideband)']
      })
    },
    gives: BOTH
  },
  {
    name: 'MAP in mbar',
    style: { separator: ',', columns: columnsOf({ map: 'MAP (mbar)' }, { map: 'mbar' }) },
    gives: { ...BOTH, log: { columns: { map: { unit: 'mbar' } } } }
  },
  {
    name: 'MAP in psi',
    style: { separator: ',', columns: columnsOf({ map: 'MAP psi' }, { map: 'psi' }) },
    gives: { ...BOTH, log: { columns: { map: { unit: 'psi' } } } }
  },
  {
    name: 'MAP in bar',
    style: { separator: ',', columns: columnsOf({ map: 'MAP [bar]' }, { map: 'bar' }) },
    gives: { ...BOTH, log: { columns: { map: { unit: 'bar' } } } }
  }
]

const numbers: Dialect[] = [
  {
    name: 'units behind values',
    style: {
      separator: ';',
      columns: columnsOf({ ...ECU_ONLY, map: 'MAP' }, { map: 'inHg' }).map(([name, text]) =>
        [name, withUnit(name, text)])
    },
    gives: { ...BOTH, note: 'MAP weights the rows', log: { columns: { map: { unit: 'inHg' } } } }
  },
  {
    name: 'thousands separated by commas, in quotes',
    style: { separator: ',', columns: columnsOf(), number: text => quoted(grouped(',', '.')(text)) },
    gives: BOTH
  },
  {
    name: 'thousands separated by points, decimal commas',
    style: { separator: ';', columns: columnsOf(), number: grouped('.', ',') },
    gives: { ...BOTH, log: { decimalMark: ',' } }
  },
  {
    name: 'thousands separated by spaces, decimal commas',
    style: { separator: '\t', columns: columnsOf(), number: grouped('\u00a0', ',') },
    gives: BOTH
  },
  {
    name: 'thousands separated by apostrophes',
    style: { separator: ';', columns: columnsOf(), number: grouped("'", '.') },
    gives: BOTH
  },
  {
    name: 'a preamble about RPM',
    style: {
      separator: ',',
      columns: columnsOf(),
      preamble: [
        'Dyno run 12', 'RPM,1500,5500', 'RPM range: 1500 to 5500, MAP: 35 to 95', 'Columns: RPM, MAP, Torque', ''
      ]
    },
    gives: { ...BOTH, log: { headerLine: 6 } }
  },
  {
    name: 'a preamble with a single quotation mark',
    style: { separator: ',', columns: columnsOf(), preamble: ['"The customer said, it runs lean', 'sep=,'] },
    gives: { ...BOTH, log: { headerLine: 3 } }
  }
]

const cylinders: Dialect[] = [
  {
    name: 'one wideband for both cylinders',
    style: { separator: ',', columns: columnsOf({ measured: 'Wideband AFR' }) },
    gives: ONE_SENSOR
  },
  {
    name: 'one wideband and one target',
    style: { separator: ',', columns: columnsOf({ commanded: 'AFR Target', measured: 'AFR' }) },
    gives: ONE_SENSOR
  },
  {
    name: 'one target for two widebands',
    style: { separator: ',', columns: columnsOf({ commanded: 'Target AFR', measured: ['AFR 1', 'AFR 2'] }) },
    gives: BOTH
  },
  {
    name: 'the front cylinder alone',
    style: { separator: ',', columns: columnsOf().filter(([name]) => !name.endsWith('_R')) },
    gives: { cylinders: ['front'] }
  },
  {
    name: 'the rear cylinder alone',
    style: { separator: ',', columns: columnsOf().filter(([name]) => !name.endsWith('_F')) },
    gives: { cylinders: ['rear'] }
  }
]

/** The ways to write a log that are tested, and what the service gives for each. */
export const DIALECTS: readonly Dialect[] = [
  ...winpep, ...dynoai, ...powerCore, ...powerVision, ...otherPrograms, ...names, ...numbers, ...cylinders,
  ...hardToRead, ...refusedDialects, ...misleading
]
