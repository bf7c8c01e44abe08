import type { AlertRule, RecordingRule, RuleFile, RuleGroup } from './rule.js'

/** The longest line. */
const WIDTH = 120

/**
 * Returns a rule file as YAML, with comments and in the order of the source. The link of an alert is `runbook`, `#` and
 * the name of the alert in lower case.
 */
export function formatRules ({ comment, groups }: RuleFile, runbook: string): string {
  return `${formatComment(comment, '')}groups:\n${groups.map(group => formatGroup(group, runbook)).join('\n')}`
}

function formatGroup ({ comment, name, interval, rules }: RuleGroup, runbook: string): string {
  const head = `${formatComment(comment, '  ')}  - name: ${name}\n`
  const blocks = rules.map(rule => 'alert' in rule ? formatAlert(rule, runbook) : formatRecording(rule))
  // Recording rules are short and alike, so they need no space between them.
  const separator = rules.some(rule => 'alert' in rule) ? '\n' : ''
  return `${head}${interval === undefined ? '' : `    interval: ${interval}\n`}    rules:\n${blocks.join(separator)}`
}

const formatRecording = ({ record, expr }: RecordingRule): string => `      - record: ${record}\n${formatExpr(expr)}`

function formatAlert (rule: AlertRule, runbook: string): string {
  const { comment, alert, expr, severity, labels } = rule
  const pairs = Object.entries({ severity, ...labels }).map(([name, value]) => `${name}: ${value}`)
  return [
    formatComment(comment, '      '),
    `      - alert: ${alert}\n`,
    formatExpr(expr),
    rule.for === undefined ? '' : `        for: ${rule.for}\n`,
    `        labels: { ${pairs.join(', ')} }\n`,
    '        annotations:\n',
    formatText('summary', rule.summary),
    formatText('description', rule.description),
    formatText('runbook_url', `${runbook}#${alert.toLowerCase()}`)
  ].join('')
}

const formatComment = (comment: string | undefined, indent: string): string =>
  comment === undefined ? '' : wrap(comment, `${indent}# `)

/** Keeps the lines of an expression. */
const formatExpr = (expr: string): string =>
  `        expr: |\n${expr.trim().split('\n').map(line => `          ${line}\n`).join('')}`

/** A text that needs no quotes, quotes, or several lines, whichever is the first that is possible. */
function formatText (key: string, text: string): string {
  const plain = `          ${key}: ${text}\n`
  if (/^[\w./:#-]+$/.test(text)) return plain
  const quoted = `          ${key}: '${text.replaceAll("'", "''")}'\n`
  return quoted.length <= WIDTH + 1 ? quoted : `          ${key}: >-\n${wrap(text, ' '.repeat(12))}`
}

/** Breaks a text into lines that begin with a prefix. */
function wrap (text: string, prefix: string): string {
  const lines: string[] = []
  let line = prefix.trimEnd()
  for (const word of text.split(' ')) {
    const isFirst = line === prefix.trimEnd()
    const longer = isFirst ? prefix + word : `${line} ${word}`
    if (longer.length <= WIDTH || isFirst) {
      line = longer
    } else {
      lines.push(line)
      line = prefix + word
    }
  }
  return [...lines, line].map(text => `${text}\n`).join('')
}
