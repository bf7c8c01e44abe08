import { parser } from '@prometheus-io/lezer-promql'
import { secondsOf } from './durations.js'
import type { AlertRule, RecordingRule, RuleFile, RuleGroup } from './rule.js'

/** Windows in seconds that expressions contain as plain numbers, such as `rate1h * 3600`. */
const WINDOWS = new Set(['300', '3600', '21600', '86400', '259200'])

/**
 * All other numbers: counts, ratios, burn rates, bytes, and the durations of requests, scrapes and event-loop delays.
 * These are real quantities, which do not shrink with the windows. A count in a window stays true, too, because a test
 * at a sixtieth sends in a second what a service gets in a minute.
 */
const QUANTITIES = new Set([
  '0', '0.001', '0.01', '0.02', '0.05', '0.1', '0.5', '0.67', '0.75', '0.8', '0.9', '1', '2', '3', '4', '5', '6', '8',
  '10', '14.4', '24', '100', '2097152', '67108864', 'Inf'
])

/** A duration or a number of a rule, and what it is divided into. */
export interface ScaledPart {
  readonly from: number
  readonly to: number
  readonly text: string
  readonly scaled: string
}

/**
 * Returns a rule file whose windows are all divided by a factor: ranges, offsets, `for`, intervals, and windows as
 * numbers of seconds. Names and texts stay, so `…:rate1h` of rules that are 60 times as fast is the rate of a minute.
 * @throws if an expression has a number of which this module does not know whether it is a window
 */
export const scaleRules = ({ comment, groups }: RuleFile, factor: number): RuleFile => ({
  comment: `All windows are divided by ${factor}. ${comment}`,
  groups: groups.map(group => scaleGroup(group, factor))
})

const scaleGroup = (group: RuleGroup, factor: number): RuleGroup => ({
  ...group,
  ...group.interval !== undefined && { interval: divide(group.interval, factor) },
  rules: group.rules.map(rule => 'alert' in rule ? scaleAlert(rule, factor) : scaleRecording(rule, factor))
})

const scaleRecording = (rule: RecordingRule, factor: number): RecordingRule =>
  ({ ...rule, expr: scaleExpression(rule.expr, factor) })

const scaleAlert = (rule: AlertRule, factor: number): AlertRule => ({
  ...rule,
  expr: scaleExpression(rule.expr, factor),
  ...rule.for !== undefined && { for: divide(rule.for, factor) }
})

function scaleExpression (expr: string, factor: number): string {
  let scaled = ''
  let end = 0
  for (const part of listScaled(expr, factor)) {
    scaled += expr.slice(end, part.from) + part.scaled
    end = part.to
  }
  return scaled + expr.slice(end)
}

/** Lists all durations and numbers of an expression, in its order. */
export function listScaled (expr: string, factor: number): ScaledPart[] {
  const parts: ScaledPart[] = []
  parser.parse(expr).iterate({
    enter ({ name, from, to }) {
      const text = expr.slice(from, to)
      if (name === 'NumberDurationLiteralInDurationContext') {
        parts.push({ from, to, text, scaled: divide(text, factor) })
      } else if (name === 'NumberDurationLiteral') {
        parts.push({ from, to, text, scaled: scaleNumber(text, factor) })
      }
    }
  })
  return parts
}

function scaleNumber (text: string, factor: number): string {
  if (WINDOWS.has(text)) return String(Number(text) / factor)
  if (QUANTITIES.has(text)) return text
  throw new Error(`Is ${text} a window in seconds, or a quantity? Add it to one of the lists in scale.ts`)
}

/** Divides a duration. Prometheus has durations in whole milliseconds. */
function divide (duration: string, factor: number): string {
  const milliseconds = 1000 * secondsOf(duration) / factor
  if (!Number.isInteger(milliseconds)) throw new Error(`${duration} cannot be divided by ${factor}`)
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`
}
