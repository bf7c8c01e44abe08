import { parser } from '@prometheus-io/lezer-promql'

type Node = ReturnType<typeof parser.parse>['topNode']

/** A label and what it must be, as a selector has it. */
export interface Matcher {
  readonly label: string
  readonly operator: string
  readonly value: string
}

/** The choice of some series, with what stands around it. */
export interface Selector {
  readonly series: string
  readonly matchers: readonly Matcher[]
  /** What stands in the brackets after it. */
  readonly range: string | undefined
  /** The innermost function or aggregation that takes it. */
  readonly fn: string | undefined
}

/** A PromQL expression, taken apart. */
export interface Parsed {
  readonly text: string
  readonly hasErrors: boolean
  readonly selectors: readonly Selector[]
  /** Labels of `by`, `on`, `group_left`. */
  readonly groupings: readonly string[]
  /** Labels that `label_replace` makes. */
  readonly made: readonly string[]
  readonly hasAggregation: boolean
  /** The number that all of it is multiplied by. */
  readonly factor: number
  /** What divides something, and whether it is above 0 whatever its series say. */
  readonly divisors: ReadonlyArray<{ readonly text: string, readonly isAboveZero: boolean }>
  /** Calls of `histogram_quantile`, and whether what is no number is filtered from each. */
  readonly quantiles: ReadonlyArray<{ readonly argument: string, readonly isFiltered: boolean }>
}

/** What Grafana puts in place of its own variables; each differs from whatever a person would write. */
export const STAND_INS: Readonly<Record<string, string>> = { $__rate_interval: '11s', $__interval: '13s', $__range: '17s' }

/** Takes an expression apart; variables other than Grafana's times are within quotes and stay. */
export function parse (expr: string): Parsed {
  const text = expr.replace(/\$__\w+/g, name => STAND_INS[name] ?? name)
  const nodes = all(parser.parse(text).topNode)
  const named = (...names: string[]): Node[] => nodes.filter(({ name }) => names.includes(name))
  const of = ({ from, to }: Node): string => text.slice(from, to)
  const labels = (parents: Node[]): string[] => parents.flatMap(parent => all(parent).filter(({ name }) => name === 'LabelName').map(of))

  return {
    text,
    hasErrors: nodes.some(({ type }) => type.isError),
    selectors: named('VectorSelector').map(node => selector(node, of)),
    groupings: labels(named('GroupingLabels')),
    made: named('FunctionCall').filter(call => of(call).startsWith('label_replace(')).map(call => unquoted(of(named('StringLiteral').find(({ from }) => from > lastSelector(call).to) as Node))),
    hasAggregation: named('AggregateExpr').length > 0,
    factor: factorOf(parser.parse(text).topNode.firstChild, of),
    divisors: named('Div').map(div => div.nextSibling as Node).map(node => ({ text: of(node), isAboveZero: isAboveZero(node, of) })),
    quantiles: named('FunctionCall').filter(call => of(call).startsWith('histogram_quantile(')).map(call => ({
      argument: of(call),
      isFiltered: isFiltered(call)
    }))
  }
}

function children (node: Node): Node[] {
  const nodes: Node[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) nodes.push(child)
  return nodes
}

const all = (node: Node): Node[] => [node, ...children(node).flatMap(all)]

const lastSelector = (call: Node): Node => all(call).filter(({ name }) => name === 'VectorSelector').at(-1) as Node

const unquoted = (literal: string): string => literal.slice(1, -1)

function selector (node: Node, of: (node: Node) => string): Selector {
  const inner = all(node)
  const matchers = inner.filter(({ name }) => name === 'UnquotedLabelMatcher').map(matcher => {
    const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map(name => of(matcher.getChild(name) as Node))
    return { label: label as string, operator: operator as string, value: unquoted(value as string) }
  })
  const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined
  return { series: of(node.firstChild as Node), matchers, range: matrix && of(matrix).replace(/^.*\[|\]$/gs, ''), fn: functionAround(node, of) }
}

function factorOf (top: Node | null, of: (node: Node) => string): number {
  const [, operator, right] = top === null ? [] : children(top)
  return operator?.name === 'Mul' && right?.name === 'NumberDurationLiteral' ? Number(of(right)) : 1
}

/** No comparison lets NaN through. */
const isFiltered = ({ nextSibling }: Node): boolean => nextSibling?.name === 'Gte' && nextSibling.nextSibling?.name === 'NumberDurationLiteral'

/** A number above 0, or something in parentheses that is compared with one, or with 0 itself. */
function isAboveZero (node: Node, of: (node: Node) => string): boolean {
  if (node.name === 'NumberDurationLiteral') return Number(of(node)) > 0
  const comparison = node.name === 'ParenExpr' ? node.firstChild : null
  const [left, operator, right] = comparison === null ? [] : children(comparison)
  if (left === undefined || operator === undefined || right?.name !== 'NumberDurationLiteral') return false
  return operator.name === 'Gtr' ? Number(of(right)) >= 0 : operator.name === 'Gte' && Number(of(right)) > 0
}

function functionAround (node: Node, of: (node: Node) => string): string | undefined {
  let around = node.parent
  while (around !== null && !['FunctionCall', 'AggregateExpr'].includes(around.name)) around = around.parent
  return around === null ? undefined : of(around.firstChild as Node)
}
