import t from 'tap'
import { findLayout } from '../../../../examples/dynoai-api/dyno-log/find-layout.js'
import { toLog } from '../to-log.js'

type Columns = Readonly<Record<string, number | string>>

const base: Columns = {
  RPM: 3000, 'MAP kPa': 80, Torque: 70, 'AFR Cmd F': 12.5, 'AFR Cmd R': 12.6, 'AFR Meas F': 13, 'AFR Meas R': 13.1
}

/** Returns a log of 20 equal rows. A column with the value `undefined` is left out. */
function logOf (columns: Readonly<Record<string, number | string | undefined>>) {
  const filled = Object.entries(columns).filter(([, value]) => value !== undefined)
  const rows = Array<string>(20).fill(filled.map(([, value]) => value).join('\t'))
  return toLog([filled.map(([name]) => name).join('\t'), ...rows].join('\n'))
}

const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(base).filter(([name]) => !names.includes(name)))
const mixturesOf = async (columns: Columns) => (await findLayout(logOf(columns))).mixtures.map(
  ({ cylinder, commanded, measured }) => [cylinder, ...commanded.map(({ name }) => name), measured.name].join(' | '))

t.test('finds the cylinders that have both mixtures', async t => {
  const cases: Array<[columns: Columns, mixtures: string[]]> = [
    [base, ['front | AFR Cmd F | AFR Meas F', 'rear | AFR Cmd R | AFR Meas R']],
    [without('AFR Meas R'), ['front | AFR Cmd F | AFR Meas F']],
    [without('AFR Cmd F'), ['rear | AFR Cmd R | AFR Meas R']],
    [{ ...without('AFR Cmd F', 'AFR Cmd R'), 'AFR Target': 12.5 },
      ['front | AFR Target | AFR Meas F', 'rear | AFR Target | AFR Meas R']],
    [{ ...without('AFR Meas F', 'AFR Meas R'), 'WB AFR': 13 }, ['both | AFR Cmd F | AFR Cmd R | WB AFR']],
    [{ ...without('AFR Cmd F', 'AFR Cmd R', 'AFR Meas F', 'AFR Meas R'), 'AFR Target': 12.5, AFR: 13 },
      ['both | AFR Target | AFR']],
    [{ ...base, 'AFR Meas R': 0 }, ['front | AFR Cmd F | AFR Meas F']],
    // A number says which cylinder, except that of the only target.
    [{ ...without('AFR Meas F', 'AFR Meas R'), 'AFR 1': 13 }, ['front | AFR Cmd F | AFR 1']],
    [{ ...without('AFR Meas F', 'AFR Meas R'), 'AFR 2': 13 }, ['rear | AFR Cmd R | AFR 2']],
    [{ RPM: 3000, MAP: 80, 'AFR Target': 12.5, 'AFR 2': 13 }, ['rear | AFR Target | AFR 2']],
    [{ RPM: 3000, MAP: 80, 'AFR Target': 12.5, 'AFR 1': 13 }, ['front | AFR Target | AFR 1']],
    [{ RPM: 3000, MAP: 80, 'AFR Target 1': 12.5, AFR: 13 }, ['both | AFR Target 1 | AFR']],
    [{ RPM: 3000, MAP: 80, 'AFR Target': 12.5, 'AFR 1': 13, 'AFR 2': 13 },
      ['front | AFR Target | AFR 1', 'rear | AFR Target | AFR 2']],
    // Lambda beside AFR is of the same sensor.
    [{ ...base, 'Lambda F': 0.9, 'Lambda R': 0.9 }, ['front | AFR Cmd F | AFR Meas F', 'rear | AFR Cmd R | AFR Meas R']]
  ]
  for (const [columns, mixtures] of cases) {
    t.strictSame(await mixturesOf(columns), mixtures,
      Object.keys(columns).join())
  }
})

t.test('reports what is missing, names that would do, and what the log has', async t => {
  const has = (...names: string[]) => names.map(name => `'${name}'`).join(', ')
  const cases: Array<[columns: Columns, missing: RegExp, found: string]> = [
    [without('RPM'), /log: engine speed \(such as 'RPM', .+\)\. Its/, has(...Object.keys(base).slice(1))],
    [without('MAP kPa'), /log: manifold pressure \(such as 'MAP kPa', .+\)\. Its/, 'Torque'],
    [without('AFR Cmd F', 'AFR Cmd R'), /log: commanded mixture \(such as 'AFR Cmd F', .+\)\. Its/, 'Torque'],
    [without('AFR Meas F', 'AFR Meas R'), /log: measured mixture \(such as 'AFR Meas F', .+\)\. Its/, 'Torque'],
    [{ a: 1, b: 2 }, /log: engine speed .+, manifold pressure .+, commanded mixture .+, measured mixture .+\. Its/,
      has('a', 'b')]
  ]
  for (const [columns, missing, found] of cases) {
    const error = await findLayout(logOf(columns)).then(() => undefined,
      (error: Error & { statusCode: number }) => error)
    t.match(error, { statusCode: 422, message: missing })
    t.match(error?.message, found)
  }
  const wide = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`column ${index} ${'x'.repeat(100)}`, 1]))
  await t.rejects(findLayout(logOf(wide)), { message: /'column 39 x{50}', …\.$/ })
})

t.test('weights rows by torque, by power, or by MAP', async t => {
  const cases: Array<[columns: Columns, by: string, name: string]> = [
    [{ ...base, HP: 40 }, 'torque', 'Torque'],
    [{ ...without('Torque'), HP: 40 }, 'power', 'HP'],
    [without('Torque'), 'map', 'MAP kPa']
  ]
  for (const [columns, by, name] of cases) t.match((await findLayout(logOf(columns))).weight, { by, name })
})

t.test('reads units from the name, the units row and behind values', async t => {
  const rpm = async (columns: Columns) => (await findLayout(logOf(columns))).rpm
  t.match(await rpm({ ...without('RPM'), RPM1000: 3 }), { unit: '1000 rpm', isLabelled: true })
  t.match(await rpm({ ...base, RPM: '3 krpm' }), { unit: '1000 rpm', isLabelled: true })
  t.match(await rpm(base), { unit: 'rpm', isLabelled: false })
  const rows = Array(9).fill('3.1,23.6,70,0.85,0.9')
  const log = toLog(['RPM,MAP,Torque,AFR Cmd,AFR Meas', 'x1000,inHg,N·m,lambda,lambda', ...rows].join('\n'))
  const layout = await findLayout(log)
  t.match(layout, {
    skip: 1,
    rows: 9,
    rpm: { unit: '1000 rpm' },
    map: { unit: 'inHg' },
    weight: { unit: 'N·m' },
    mixtures: [{ commanded: [{ unit: 'lambda' }], measured: { unit: 'lambda' } }]
  })
})

t.test('takes no unit from the values of rows that begin with a word', async t => {
  const rows = [...Array(9).fill('1,3000,80,12.8,13.1'), 'Max,3000,80,12.8,13.1', ...Array(9).fill('Min,0,-1,0,0')]
  t.match(await findLayout(toLog(['Time,RPM,MAP,AFR Cmd,AFR Meas', ...rows].join('\n'))), { map: { unit: 'kPa' } })
})

t.test('refuses a column whose values cannot be what its name says, with the column, the unit and the values',
  async t => {
    const cases: Array<[columns: Columns, message: RegExp]> = [
      [{ ...base, RPM: 2.151 }, /^The column 'RPM' cannot be engine speed in rpm: its values are 2\.151 to 2\.151\. If they are thousands/],
      [{ ...base, RPM: 314 }, /^The column 'RPM' cannot be engine speed in rpm: its values are 314 to 314\.$/],
      [{ ...base, RPM: 12000 }, /^The column 'RPM' cannot be engine speed in rpm/],
      [{ ...without('RPM'), RPM1000: 3000 },
        /^The column 'RPM1000' cannot be engine speed in 1000 rpm: its values are 3000 to 3000\.$/],
      [{ ...without('MAP kPa'), MAP: 28.5 },
        /^The column 'MAP' cannot be manifold pressure in kPa: .+ 28\.5 to 28\.5\. Name the unit/],
      [{ ...without('MAP kPa'), MAP: 45 }, /^The column 'MAP' cannot be manifold pressure in kPa: .+ Name the unit/],
      [{ ...base, 'MAP kPa': 28.5 }, /^The column 'MAP kPa' cannot be manifold pressure in kPa: its values are 28\.5 to 28\.5\.$/],
      [{ ...base, 'MAP kPa': 930 }, /^The column 'MAP kPa' cannot be manifold pressure in kPa/],
      [{ ...without('MAP kPa'), 'MAP (inHg)': 13 }, /^The column 'MAP \(inHg\)' cannot be manifold pressure in inHg/],
      [{ ...without('MAP kPa'), 'MAP (inHg)': 80 }, /^The column 'MAP \(inHg\)' cannot be manifold pressure in inHg/],
      [{ ...without('MAP kPa'), 'MAP (psi)': 27 }, /^The column 'MAP \(psi\)' cannot be manifold pressure in psi/],
      [{ ...without('MAP kPa'), 'MAP (mbar)': 80 }, /^The column 'MAP \(mbar\)' cannot be manifold pressure in mbar/],
      [{ ...without('MAP kPa'), 'MAP (bar)': 12 }, /^The column 'MAP \(bar\)' cannot be manifold pressure in bar/],
      [{ ...base, 'AFR Meas F': 0.88 }, /^The column 'AFR Meas F' cannot be measured mixture of the front cylinder in AFR: .+ If they are lambda/],
      [{ ...base, 'AFR Cmd R': 3 }, /^The column 'AFR Cmd R' cannot be commanded mixture of the rear cylinder in AFR: .+ 3 to 3\.$/],
      [{ ...without('AFR Meas F', 'AFR Meas R'), Lambda: 13 },
        /^The column 'Lambda' cannot be measured mixture in lambda/],
      [{ ...base, IAT: 25 }, /^The column 'IAT' cannot be intake air temperature in °F: .+ Name the unit/],
      [{ ...base, 'IAT (°F)': 25 }, /^The column 'IAT \(°F\)' cannot be intake air temperature in °F: its values are 25 to 25\.$/],
      [{ ...base, 'IAT (°C)': 100 }, /^The column 'IAT \(°C\)' cannot be intake air temperature in °C/],
      [{ ...without('MAP kPa'), 'MAP (V)': 3 },
        /^The column 'MAP \(V\)' is in 'V'\. Units that are read are kPa, mbar, bar, inHg, psi\.$/],
      [{ ...base, 'MAP kPa': '28.5 inHg' }, /^The column 'MAP kPa' has several units: kPa, inHg\.$/],
      [{ ...base, 'MAP kPa': '80 rpm' }, /^The column 'MAP kPa' is in 'rpm'\. Units that are read are kPa/],
      [{ ...without('Torque'), 'Torque (%)': 80 },
        /^The column 'Torque \(%\)' is in '%'\. Units that are read are lb-ft/],
      [without('AFR Meas F', 'AFR Cmd R'),
        /^No cylinder has both a commanded and a measured mixture\. The log has 'AFR Cmd F', 'AFR Meas R'\.$/],
      [{ ...base, RPM: 0 }, /^The column 'RPM' has no values above 0: its values are 0 to 0\.$/],
      [{ ...base, RPM: '' }, /^The column 'RPM' has no values above 0: it is empty\.$/],
      [{ ...base, RPM: `idle ${'x'.repeat(100)}` }, /^The column 'RPM' has no values above 0: it has texts such as 'idle x{35}'\.$/],
      [{ ...base, 'AFR Meas F': 0, 'AFR Meas R': 0 }, /^The column 'AFR Meas F' has no values above 0: its values are 0 to 0\.$/]
    ]
    for (const [columns, message] of cases) {
      await t.rejects(findLayout(logOf(columns)), { statusCode: 422, code: 'DYNOAI_ERR_LOG_UNITS', message },
        String(message))
    }
  })

t.test('refuses the pressure of a gauge', async t => {
  const rows = Array.from({ length: 100 }, (_, row) => `3000,${row < 90 ? 12 : -5},70,12.5,13`)
  const log = (count: number) => toLog(['RPM,MAP (psi),Torque,AFR Cmd,AFR', ...rows.slice(0, count)].join('\n'))
  await findLayout(log(90))
  await t.rejects(findLayout(log(100)), {
    message: "The column 'MAP (psi)' cannot be manifold pressure in psi: its values are -5 to 12."
  })
})

t.test('bounds the columns that it compares, and what messages repeat', async t => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`(${index}) RPM`, 3000]))
  await t.rejects(findLayout(logOf({ ...base, ...many })), { statusCode: 422, message: /: 67 have names of the columns/ })
  await t.rejects(findLayout(logOf({ ...base, RPM: `3000 ${'x'.repeat(1000)}` })), { message: /^.{40,200}$/ })
})

t.test('accepts values that fit the unit', async t => {
  for (const columns of [
    { ...base, 'MAP kPa': 45 }, { ...without('MAP kPa'), MAP: 95 }, { ...without('MAP kPa'), 'MAP (inHg)': 28.5 },
    { ...without('MAP kPa'), 'MAP (psi)': 13.5 }, { ...without('MAP kPa'), 'MAP (mbar)': 930 },
    { ...without('MAP kPa'), 'MAP (bar)': 0.93 }, { ...base, 'IAT (°C)': 25 }, { ...base, 'IAT (°F)': 55 },
    { ...base, IAT: 95 }, { ...base, 'AFR Meas R': 255 }, { ...base, 'AFR Meas R': 7.4 }
  ]) {
    t.equal((await findLayout(logOf(columns))).rows, 20, Object.keys(columns).join())
  }
})

t.test('leaves out TPS and IAT without a readable unit or without values, and says why', async t => {
  const { tps, iat, ignored } = await findLayout(logOf({ ...base, 'TPS (V)': 3, IAT: 0 }))
  t.strictSame([tps, iat], [undefined, undefined])
  t.strictSame(ignored, [
    { name: 'TPS (V)', reason: "The column 'TPS (V)' is in 'V'. Units that are read are %." },
    { name: 'IAT', reason: "The column 'IAT' has no values above 0: its values are 0 to 0." }
  ])
})

t.test('takes the column that fits when another one does not, and says why', async t => {
  const { rpm, ignored } = await findLayout(logOf({
    '(DWRT CPU) Engine RPM': 3,
    '(PV) Engine Speed': 3000,
    ...without('RPM')
  }))
  t.equal(rpm.name, '(PV) Engine Speed')
  t.match(ignored, [{
    name: '(DWRT CPU) Engine RPM',
    reason: /cannot be engine speed in rpm: its values are 3 to 3\./
  }])
})

t.test('takes one of two columns that agree, and refuses two that differ', async t => {
  const twice = (name: string, value: number) => ({ ...base, [`(PV) ${name}`]: value })
  const { rpm, ignored } = await findLayout(logOf(twice('RPM', 3030)))
  t.equal(rpm.name, 'RPM')
  t.strictSame(ignored, [{ name: '(PV) RPM', reason: 'Other columns are used.' }])
  const message = /^Two columns could be .+: '.+' and '\(PV\) .+'\. Remove or rename one of them\.$/
  for (const columns of [twice('RPM', 3200), twice('MAP (inHg)', 20), twice('AFR Meas F', 13)]) {
    await t.rejects(findLayout(logOf(columns)), { statusCode: 422, message })
  }
  await findLayout(logOf(twice('MAP (inHg)', 23.62)))
  await findLayout(logOf(twice('Torque', 90)))
})

t.test('refuses numbers that have a point or a comma before their decimals, or before three digits only', async t => {
  const message = /^The numbers of the log do not show whether a point or a comma precedes the decimals\.$/
  const whole = { ...base, 'AFR Cmd F': 13, 'AFR Cmd R': 13, 'AFR Meas F': 13, 'AFR Meas R': 13 }
  for (const columns of [{ ...base, Torque: '70,5' }, { ...whole, RPM: '3,151' }]) {
    await t.rejects(findLayout(logOf(columns)), { statusCode: 422, message })
  }
})

t.test('finds the header below a long preamble, and reads no more than it needs', async t => {
  const preamble = Array.from({ length: 150 }, (_, line) => `Note ${line}: RPM, MAP and Torque were recorded`)
  const rows = ['RPM;MAP kPa;AFR Cmd;AFR', ...Array(5).fill('3000;80;12,5;13,1')]
  t.match(await findLayout(toLog([...preamble, ...rows].join('\r\n'))), {
    headerLine: 151, separator: ';', decimalMark: ',', rows: 5, encoding: 'UTF-8'
  })
  await t.rejects(findLayout(toLog([...Array(300).fill('a note'), ...rows].join('\n'))),
    { code: 'DYNOAI_ERR_LOG_COLUMNS' })
})

t.test('refuses a log with more rows than the limit', async t => {
  t.match(await findLayout(logOf(base), 20), { rows: 20 })
  await t.rejects(findLayout(logOf(base), 19), {
    code: 'DYNOAI_ERR_LOG_MALFORMED',
    message: 'The log is not a well-formed table: it has more than 19 rows.'
  })
})

t.test('keeps only a part of the memory of wide rows for the sample', async t => {
  // The unit is behind values only from row 12 on, at most 9 of which are in the sample.
  const wide = `,${'x'.repeat(60_000)}`
  const rows = Array.from({ length: 15 }, (_, row) => `3000,80${row < 11 ? '' : ' inHg'},70,12.5,13`)
  const log = (end: string) => toLog(['RPM,MAP,Torque,AFR Cmd,AFR,Note', ...rows.map(row => row + end)].join('\n'))
  await t.rejects(findLayout(log(',x')), { message: /^The column 'MAP' cannot be manifold pressure in inHg/ })
  t.match(await findLayout(log(wide)), { map: { unit: 'kPa' } })
})
