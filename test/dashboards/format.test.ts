import t from 'tap'
import { parse } from 'yaml'
import { formatRules } from '../../dashboards/src/rules/format.js'
import type { AlertRule } from '../../dashboards/src/rules/rule.js'

const words = (count: number): string => Array.from({ length: count }, (_, i) => `word${i}`).join(' ')

const alert: AlertRule = {
  alert: 'TooMuch',
  expr: 'a > 1\nand b',
  severity: 'page',
  summary: "It's too much",
  description: words(30)
}

t.test('writes rules as a person would', async t => {
  const text = formatRules({
    comment: 'A file.',
    groups: [
      {
        name: 'recording',
        interval: '30s',
        rules: [{ record: 'a:b', expr: 'sum(a)' }, { record: 'a:c', expr: 'sum(c)' }]
      },
      {
        comment: words(30),
        name: 'alerts',
        rules: [{ ...alert, comment: 'Why.', for: '5m', labels: { window: '1h' } }, { ...alert, description: 'x' }]
      }
    ]
  }, 'runbook.md')
  t.equal(text, `# A file.
groups:
  - name: recording
    interval: 30s
    rules:
      - record: a:b
        expr: |
          sum(a)
      - record: a:c
        expr: |
          sum(c)

  # word0 word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 word11 word12 word13 word14 word15 word16 word17
  # word18 word19 word20 word21 word22 word23 word24 word25 word26 word27 word28 word29
  - name: alerts
    rules:
      # Why.
      - alert: TooMuch
        expr: |
          a > 1
          and b
        for: 5m
        labels: { severity: page, window: 1h }
        annotations:
          summary: 'It''s too much'
          description: >-
            word0 word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 word11 word12 word13 word14 word15 word16
            word17 word18 word19 word20 word21 word22 word23 word24 word25 word26 word27 word28 word29
          runbook_url: runbook.md#toomuch

      - alert: TooMuch
        expr: |
          a > 1
          and b
        labels: { severity: page }
        annotations:
          summary: 'It''s too much'
          description: x
          runbook_url: runbook.md#toomuch
`)
})

t.test('the YAML contains the texts of the rules, whatever their length', async t => {
  for (let length = 80; length < 140; length++) {
    const summary = 'a '.repeat(length / 2).trimEnd() + 'b'.repeat(length % 2)
    const texts = { summary, description: 'c'.repeat(length) }
    const text = formatRules({ comment: '', groups: [{ name: 'x', rules: [{ ...alert, ...texts }] }] }, 'r')
    t.match(parse(text), { groups: [{ rules: [{ annotations: { ...texts, runbook_url: 'r#toomuch' } }] }] })
  }
})
