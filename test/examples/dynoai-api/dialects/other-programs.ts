import { columnsOf } from './columns.js'
import { BOTH, ONE_SENSOR, type Dialect } from './dialect.js'
import { values } from './write-log.js'

const ECU_ONLY = { torque: undefined, iat: undefined, tps: undefined }

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
    gives: { ...ONE_SENSOR, note: 'MAP weights the rows', log: { headerLine: 3, rows: { dropped: { fields: 1 } } } }
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

/** Logs of programs for engine control units, and of one cylinder or one sensor. */
export const otherProgramsDialects: readonly Dialect[] = [...otherPrograms, ...cylinders]
