import t from 'tap'
import { provenMark, readValue } from '../../../../examples/dynoai-api/dyno-log/numbers.js'

t.test('reads numbers with a decimal point or a decimal comma, thousands separators and units', async t => {
  const cases: Array<[field: string, point: number, comma: number, suffix?: string]> = [
    ['2151', 2151, 2151], [' 12 ', 12, 12], ['-3', -3, -3], ['+3', 3, 3], ['−3', -3, -3], ['1e3', 1000, 1000],
    ['12.8', 12.8, NaN], ['12,8', NaN, 12.8], ['.5', 0.5, NaN], [',5', NaN, 0.5],
    ['2.151', 2.151, 2151], ['2,151', 2151, 2.151],
    ['2,151.5', 2151.5, NaN], ['2.151,5', NaN, 2151.5], ['1,234,567', 1234567, NaN], ['1.234.567', NaN, 1234567],
    ['2 151', 2151, 2151], ['2\u00a0151', 2151, 2151], ['2\u202f151', 2151, 2151], ["2'151", 2151, 2151], ['2’151',
      2151, 2151],
    ['1.5e3', 1500, NaN],
    ['', NaN, NaN], [' ', NaN, NaN], ['idle', NaN, NaN], ['-', NaN, NaN], ['.', NaN, NaN], ['12 34', NaN, NaN],
    ['1,23,456', NaN, NaN],
    ['0x10', NaN, NaN], ['="12.8"', 12.8, NaN],
    ["'12,8", NaN, 12.8], ['"2151"', 2151, 2151], ['12.8.1', NaN, NaN], ['Infinity', NaN, NaN], ['NaN', NaN, NaN],
    ['80 kPa', 80, 80, 'kPa'], ['2151 1/min', 2151, 2151, '1/min'],
    ['2\u2009151', 2151, 2151], ['80kPa', 80, 80, 'kPa'], ['85°F', 85, 85, '°F'], ['45%', 45, 45, '%'], ['13:1', 13,
      13, ':1']
  ]
  for (const [field, point, comma, suffix = ''] of cases) {
    const expected = (value: number) => ({ value, suffix: Number.isNaN(value) ? '' : suffix })
    t.strictSame(readValue(field, '.'), expected(point), `'${field}' with a point`)
    t.strictSame(readValue(field, ','), expected(comma), `'${field}' with a comma`)
  }
})

t.test('returns the decimal mark that a number proves', async t => {
  const cases: Array<[field: string, mark: string | undefined, ofMixture?: string]> = [
    ['2151', undefined], ['', undefined], ['idle', undefined], ['12.8', '.'], ['12,8', ','], ['0.123', '.'], ['0,123',
      ','],
    ['2151,500', ','], ['2151.500', '.'], ['1,234.5', '.'], ['1.234,5', ','], ['1,234,567', '.'], ['1.234.567', ','],
    ['2.151', undefined, '.'], ['2,151', undefined, ','], ['12,800', undefined, ','], ['80,5 kPa', ',']
  ]
  for (const [field, mark, ofMixture = mark] of cases) {
    t.equal(provenMark(field, false), mark, field)
    t.equal(provenMark(field, true), ofMixture, `${field} as a mixture`)
  }
})
