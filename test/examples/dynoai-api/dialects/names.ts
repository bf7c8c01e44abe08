import { columnsOf } from './columns.js'
import { BOTH, type Dialect } from './dialect.js'

/** Ways to write the names of columns, and units in them. */
export const nameDialects: readonly Dialect[] = [
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
