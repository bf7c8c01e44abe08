import { columnsOf, type ColumnNames } from './columns.js'
import { BOTH, type Dialect } from './dialect.js'
import { values } from './write-log.js'

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
const comma = (text: string) => text.replace('.', ',')

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

/** Logs of Power Core and Power Vision. */
export const dynojetDialects: readonly Dialect[] = [...powerCore, ...powerVision]
