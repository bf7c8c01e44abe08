import { readFileSync } from 'node:fs'
import t from 'tap'
import { analyseLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import { root } from '../../../fixtures/root.js'
import type { Dialect } from './dialect.js'
import { DIALECTS } from './dialects.js'
import { CRANKING_ROWS, createTruth, expectedOf } from './truth.js'
import { writeLog } from './write-log.js'

for (const [index, { name, style, gives }] of DIALECTS.entries()) {
  t.test(`${'status' in gives ? 'refuses' : 'reads'} ${name}`, async t => {
    const { rows, errors } = createTruth(index + 1)
    const analysis = analyseLog({ bytes: writeLog(rows, style) })
    if ('status' in gives) {
      await t.rejects(analysis, { statusCode: gives.status, message: gives.error })
      return
    }
    const { log, corrections, correctionsCount, magnitudePercent } = await analysis
    t.strictSame({ corrections, correctionsCount, magnitudePercent }, expectedOf(errors, gives.cylinders))
    t.strictSame(log.cylinders, gives.cylinders)
    t.match(log.rows, { used: rows.length - CRANKING_ROWS, dropped: { rpm: CRANKING_ROWS } })
    t.match(log, gives.log ?? {})
  })
}

t.test('the README of the example lists the dialects', async t => {
  const readme = readFileSync(new URL('examples/dynoai-api/README.md', root), 'utf8')
  const table = ['| log | gives |', '|---|---|', ...DIALECTS.map(toRow), ''].join('\n')
  t.ok(readme.includes(table), `The README needs this table:\n${table}`)
  t.ok(readme.includes(`${DIALECTS.length} ways`))
  t.equal(new Set(DIALECTS.map(({ name }) => name)).size, DIALECTS.length)
})

function toRow ({ name, gives }: Dialect): string {
  const given = 'status' in gives ? `${gives.status}: ${gives.note}` : describeGrid(gives.cylinders, gives.note)
  return `| ${name} | ${given} |`
}

const CORRECTED = {
  'front,rear': 'both cylinders',
  both: 'both cylinders, one sensor',
  front: 'the front cylinder',
  rear: 'the rear cylinder'
} as const

function describeGrid (cylinders: readonly string[], note = ''): string {
  // The keys are the cylinders of the dialects.
  const corrected = CORRECTED[cylinders.join() as keyof typeof CORRECTED]
  return `corrections of ${corrected}${note === '' ? '' : `; ${note}`}`
}
