import t from 'tap'
import { readColumnName } from '../../../../examples/dynoai-api/dyno-log/column-name.js'
import { parseUnit } from '../../../../examples/dynoai-api/dyno-log/units.js'

/** Returns what a name says as `key`, or as `key unit` if the name has a unit. */
function read (name: string): string | undefined {
  const column = readColumnName(name)
  if (column?.unitText === undefined) return column?.key
  return `${column.key} ${parseUnit(column.unitText) ?? `? ${column.unitText}`}`
}

t.test('reads the names of columns, in any case and with any separators, and the units in them', async t => {
  const cases: Array<[meaning: string, names: string[]]> = [
    ['rpm', [
      'RPM', 'rpm', 'Engine RPM', 'engine_rpm', 'EngineRPM', 'Engine.RPM', 'Engine-RPM', 'ENGINE SPEED', 'engine speed',
      '(DWRT CPU) Engine RPM', '(PV) Engine Speed', '(Harley - ECU Type 14 SW Level 141) Engine Speed', '"RPM"', '#RPM',
      'Engine RPM (SAE)', '[ECU] RPM', '\uFEFFRPM', '  rpm  ', 'EngSpeed', 'RPM (Engine)'
    ]],
    ['rpm rpm', ['RPM (1/min)', 'RPM [rpm]', 'Engine Speed (RPM)', 'EngSpeed (RPM)', 'Engine Speed rpm',
      'RPM (min-1)']],
    ['rpm 1000 rpm', [
      'RPM1000', 'RPM 1000', 'RPM x1000', 'RPM (x1000)', 'RPM(x 1000)', 'RPM*1000', 'RPM×1000', 'RPM/1000',
      'RPMx1000', 'kRPM',
      'Engine kRPM', 'RPM (krpm)', 'RPM [1000 rpm]', 'RPM (thousands)', '(DWRT CPU) RPM1000', 'Engine RPM x 1000',
      'RPM [1000/min]', 'RPM (10^3)', 'RPM*10^3', 'x1000 RPM', '1000 RPM', 'RPM in thousands', 'RPM [1/min x 1000]'
    ]],
    ['map', ['MAP', 'map', 'Manifold Pressure', 'Manifold Absolute Pressure', '(PV) MAP', 'Intake Manifold Pressure']],
    ['map kPa', [
      'MAP kPa', 'MAP_kPa', 'map_kpa', 'MAP (kPa)', 'MAP[kPa]', 'MAP.kPa', 'MAP-kPa', 'MAP, kPa', 'MAPkPa', 'kPa',
      'KPA',
      'Manifold Pressure (kPa)', 'MAP (kPa abs)', 'MAP kPa (abs)'
    ]],
    ['map inHg', ['MAP (inHg)', 'MAP in Hg', 'MAP_inHg', 'MAP ("Hg)', '(PV) MAP (inHg)']],
    ['map mbar', ['MAP (mbar)', 'MAP [hPa]', 'MAP mbar']],
    ['map psi', ['MAP (psi)', 'MAP psia']],
    ['map bar', ['MAP (bar)']],
    ['torque', ['Torque', 'TQ', '(DWRT CPU) Torque', 'Torque (uncorrected)', '(DWRT CPU) Torque Drum 1',
      'Engine Torque']],
    ['torque lb-ft', ['Torque (ft-lb)', 'Torque ft-lb', 'Torque_ft_lb', 'Torque (lb·ft)', 'Torque (ft.lbs)',
      'TQ (ft-lbs)']],
    ['torque N·m', ['Torque (Nm)', 'Torque N·m', 'Torque [N-m]', 'Torque_Nm']],
    ['power', ['HP', 'Power', '(DWRT CPU) Power', 'Horsepower', '(DWRT CPU) Power Drum 1']],
    ['power kW', ['Power (kW)', 'Power_kW']],
    ['tps', ['TPS', 'Throttle Position', 'TP', 'Throttle', 'Throttle Position (SAE)']],
    ['tps %', ['TPS (%)', 'Throttle (%)', 'TPS %']],
    ['iat', ['IAT', 'Intake Air Temperature', 'MAT', 'Intake Air Temp']],
    ['iat °F', ['IAT F', 'IAT_F', 'IAT (°F)', 'IAT (deg F)', 'Intake Air Temp (F)']],
    ['iat °C', ['IAT C', 'IAT (°C)', 'IAT (ºC)', 'IAT [degC]', 'IAT °C', 'MAT (Celsius)']],
    ['commandedFront', [
      'AFR Cmd F', 'AFR_Cmd_F', 'afrCmdF', 'AFRCmdF', 'AFR Target F', 'Commanded AFR Front', 'AFR Commanded (Front)',
      '(PV) AFR Cmd F', 'Target AFR Front', 'Desired AFR F', 'AFR Target 1', 'Set AFR Front'
    ]],
    ['commandedRear', ['AFR Cmd R', 'afr.target.r', 'Commanded AFR Rear', 'AFR Target 2']],
    ['commanded', [
      'AFR Target', 'AFRTarget', 'AFR Cmd', 'Desired Air/Fuel', 'AFR Commanded', 'Air-Fuel Ratio Commanded',
      'Lambda Target',
      'Set Lambda', 'Target Lambda'
    ]],
    ['commanded lambda', ['AFR Target (lambda)', 'Lambda Target (λ)', 'AFR Target [λ]']],
    ['measuredFront', [
      'AFR Meas F', 'afr_meas_f', 'measured afr f', 'WB AFR Front', 'AFR F', 'AFR Front', 'AFR 1', 'AFR1', 'AFR #1',
      'A/F Ratio 1',
      'Air/Fuel Ratio 1', 'WBO2 F', 'WBO2 AFR Front', 'O2 F', 'LC2 AFR F', 'LC-1 AFR F',
      '(DWRT CPU) LC1 Volts Petrol AFR1',
      'Lambda 1', 'Lambda F', 'AT Lambda 1', 'λ Front', 'AFR Meas (F)', 'Wideband F', 'Cylinder 1 AFR',
      'AFR Meas F (:1)'
    ]],
    ['measuredFront AFR', ['AFR Meas F (AFR)']],
    ['measuredRear', ['AFR Meas R', 'measured afr r', 'WB AFR Rear', '(DWRT CPU) LC2 Volts Petrol AFR2', 'AFR2',
      'WBO2R', 'WBO2_R :1']],
    ['measured AFR', ['Wideband AFR']],
    ['measured lambda', ['AFR Lambda', 'AFR (λ)']],
    ['measured', ['AFR', 'Lambda', 'AFR Meas', '(DWRT CPU) LC1 Volts Petrol AFR', 'WBO2', 'AFR Measured', 'λ']]
  ]
  for (const [meaning, names] of cases) {
    for (const name of names) t.equal(read(name), meaning, name)
  }
})

t.test('does not take a column for what it only resembles', async t => {
  for (const name of [
    '', 'Time', 'RPM Limit', 'Idle RPM Target', 'rpm/s', 'Drum RPM', 'Wheel Speed', 'MAP Target', 'MAP gauge (kPa)',
    'MAP Voltage',
    'Boost (psi)', 'Baro (kPa)', '(DWRT ATMO) Pressure', 'Fuel Pressure (kPa)', 'Torque Limit', 'Torque Request',
    'AFR Error F',
    'AFR Correction', 'EGO cor1', 'AFR Trim F', 'WBO2 F Volts', 'O2 Sensor Voltage', 'tpsADC', 'TPS DOT', 'Engine Temp',
    'Equivalence Ratio Commanded', 'VE F', 'Target AFR Meas', 'AFR Front Rear',
    '1/Lambda', '1 / λ', 'Lambda^-1', 'λ⁻¹', 'Map #', 'psi', 'inHg', '12.5', 'x'.repeat(300)
  ]) {
    t.equal(read(name), undefined, name)
  }
})

t.test('reports a unit that it does not convert', async t => {
  const cases: Array<[name: string, meaning: string]> = [
    ['MAP (V)', 'map ? V'], ['MAP (gauge)', 'map ? gauge'], ['TPS (counts)', 'tps ? counts'], ['AFR Meas F (mV)',
      'measuredFront ? mV'],
    ['Torque (%max)', 'torque ? %max'], ['RPM (Hz)', 'rpm ? Hz']
  ]
  for (const [name, meaning] of cases) t.equal(read(name), meaning)
})

t.test('prefers complete names, in their order, to names by words', async t => {
  const orders = [
    ['RPM', 'Engine RPM', 'Engine Speed', 'Engine RPM (SAE)'],
    ['MAP', 'Manifold Pressure', 'kPa', 'MAP Sensor'],
    ['AFR Cmd F', 'AFR Target F', 'Commanded AFR Front', 'Set AFR Front'],
    ['AFR Meas R', 'measured afr r', 'WB AFR Rear', 'WBO2 AFR Rear', 'AFR R'],
    ['AFR Meas', 'measured afr', 'Wideband Lambda', 'AFR'],
    ['WB AFR F', 'LC2 AFR F', 'O2 F']
  ]
  for (const names of orders) {
    const ranks = names.map(name => readColumnName(name)?.rank ?? NaN)
    t.strictSame(ranks, [...ranks].sort((one, other) => one - other), names.join())
    t.equal(new Set(ranks).size, ranks.length, names.join())
  }
})
