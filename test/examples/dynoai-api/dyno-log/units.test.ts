import t from 'tap'
import {
  convert, dimensionOf, parseUnit, saysNoUnit, unitsOf,
  type UnitName
} from '../../../../examples/dynoai-api/dyno-log/units.js'

t.test('converts every unit into that of the analysis', async t => {
  const cases: Array<[unit: UnitName, value: number, converted: number]> = [
    ['rpm', 2151, 2151], ['1000 rpm', 2.151, 2151], ['kPa', 95, 95], ['mbar', 950, 95], ['bar', 0.95, 95],
    ['inHg', 29.92, 101.32], ['psi', 14.696, 101.325], ['lb-ft', 80, 80], ['N·m', 108.46, 80], ['kgf·m', 11.06, 80],
    ['hp', 80, 80], ['kW', 59.66, 80], ['PS', 81.11, 80], ['AFR', 14.7, 14.7], ['lambda', 1, 14.7],
    ['°F', 86, 86], ['°C', 30, 86], ['%', 50, 50]
  ]
  for (const [unit, value, converted] of cases) {
    t.ok(Math.abs(convert(value, unit) - converted) < converted * 1e-4, `${value} ${unit}`)
  }
})

t.test('reads the usual spellings', async t => {
  const cases: Array<[unit: UnitName, spellings: string[]]> = [
    ['rpm', ['RPM', '1/min', 'min-1', 'r/min', 'U/min', 'rev/min']],
    ['1000 rpm', ['1/min x 1000', 'min-1 x1000', '[1000/min]', 'in thousands', 'x1000',
      '×1000', 'x 1000', '1000 rpm', 'rpm x 1000', 'rpm x1000', 'kRPM', '1000/min', '1,000 RPM',
      '10³/min']],
    ['kPa', ['kPa', 'KPA', 'kPa abs', 'kPa(a)']], ['mbar', ['mbar', 'hPa']], ['inHg', ['inHg', 'in. Hg', '"Hg',
      'inHgA']],
    ['psi', ['psi', 'PSIA']], ['lb-ft', ['ft-lb', 'ft-lbs', 'lb·ft', 'lbf·ft', 'ft lb', 'ft/lbs']], ['N·m', ['Nm',
      'N·m', 'N-m', 'N*m']],
    ['AFR', ['AFR', 'A/F']], ['lambda', ['λ', 'Lambda']], ['°F', ['°F', 'F', 'deg F', 'ºF']], ['°C', ['°C', 'C',
      'degC', '˚C']]
  ]
  for (const [unit, spellings] of cases) {
    for (const spelling of spellings) t.equal(parseUnit(spelling), unit, spelling)
  }
})

t.test('does not read a unit that it cannot convert', async t => {
  for (const text of ['V', 'mV', 'psig', 'inHg vac', 'mmHg', 'Hz', 'rad/s', 'ADC', '%max', '']) {
    t.equal(parseUnit(text), undefined, text)
  }
  for (const text of ['', ' ', '-', ':1', 'ratio', 'O2', 'n/a']) t.ok(saysNoUnit(text), text)
  t.notOk(saysNoUnit('V'))
})

t.test('lists the units of a dimension', async t => {
  t.equal(unitsOf(dimensionOf('inHg')), 'kPa, mbar, bar, inHg, psi')
})
