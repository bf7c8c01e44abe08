import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { root } from '../fixtures/root.js'
import { readAlertRules } from '../fixtures/rules/read.js'
import type { AlertTest, RuleTests } from '../fixtures/rules/types.js'
import { alertTitle } from './alert-title.js'

const FOLDER = 'test/dashboards/rules/'

/** A test of promtool, which uses the true windows. */
interface NamedTest {
  readonly name: string
  readonly cases: readonly AlertTest[]
}

function readTests (): NamedTest[] {
  return readdirSync(new URL(FOLDER, root)).flatMap(file => {
    const { tests } = parse(readFileSync(new URL(FOLDER + file, root), 'utf8')) as RuleTests
    return tests.map(({ name, alert_rule_test: cases = [] }) => ({ name, cases }))
  })
}

/** For each alert, the first test at the true windows in which it fires, and the first in which it stays silent. */
export function listRuleTests (): Array<{ readonly title: string, readonly fires: string, readonly silent: string }> {
  const tests = readTests()
  return readAlertRules().map(({ alert, labels = {} }) => {
    const isOf = ({ alertname }: AlertTest): boolean => alertname === alert
    const isExpected = ({ exp_alerts: expected }: AlertTest): boolean => expected.some(({ exp_labels: found }) =>
      Object.entries(labels).every(([name, value]) => found[name] === value))
    const fires = tests.find(({ cases }) => cases.some(one => isOf(one) && isExpected(one)))
    const silent = tests.find(({ cases }) =>
      cases.some(isOf) && cases.filter(isOf).every(({ exp_alerts: expected }) => expected.length === 0))
    return { title: alertTitle(alert, labels), fires: fires?.name ?? '', silent: silent?.name ?? '' }
  })
}
