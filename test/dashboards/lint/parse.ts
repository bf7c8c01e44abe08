import { parser } from '@prometheus-io/lezer-promql'

type Node = ReturnType<typeof parser.parse>['topNode']

/** A label matcher of a selector. */
export interface Matcher {
  readonly label: string
  readonly operator: string
  readonly value: string
}

/** A vector selector and its context. */
export interface Selector {
  readonly series: string
  readonly matchers: readonly Matcher[]
  /** The content of the brackets that follow it. */
  readonly range: string | undefined
  /** Whether it is read once for a whole line, because of an `@`. */
  readonly isFixed: boolean
  /** The innermost function or aggregation whose argument it is. */
  readonly fn: string | undefined
  /** All functions and aggregations around it, the innermost first. */
  readonly fns: readonly string[]
}

/** The parts of a PromQL expression that the rules check. */
export interface ParsedExpression {
  readonly text: string
  readonly hasErrors: boolean
  readonly selectors: readonly Selector[]
  /** Labels of `by`, `on` and `group_left`. */
  readonly groupings: readonly string[]
  /** Labels that `label_replace` creates. */
  readonly createdLabels: readonly string[]
  readonly hasAggregation: boolean
  /** The number that the complete expression is multiplied by; 1 if there is none. */
  readonly factor: number
  /** Divisors, and whether each is above 0 for all values of its series. */
  readonly divisors: ReadonlyArray<{ readonly text: string, readonly isAboveZero: boolean }>
  /** Calls of `histogram_quantile`, and whether NaN is filtered from each result. */
  readonly quantiles: ReadonlyArray<{ readonly argument: string, readonly isFiltered: boolean }>
}

/** Replacements for Grafana's range variables. No person would write these ranges, so rules can recognise them. */
export const PLACEHOLDER_RANGES: Readonly<Record<string, string>> = {
  $__rate_interval: '11s',
  $__interval: '13s',
  $__range: '17s'
}

/** Parses an expression. Other variables are inside quotes and are not replaced. */
export function parse (expr: string): ParsedExpression {
  const text = expr.replace(/\$__\w+/g, name => PLACEHOLDER_RANGES[name] ?? name)
  const { topNode } = parser.parse(text)
  const nodes = descendants(topNode)
  const named = (name: string): Node[] => nodes.filter(node => node.name === name)
  const textOf = ({ from, to }: Node): string => text.slice(from, to)
  const callsOf = (fn: string): Node[] => named('FunctionCall').filter(call => textOf(call).startsWith(`${fn}(`))
  const createdLabel = (call: Node): string =>
    unquote(textOf(call.getChild('FunctionCallBody')?.getChild('StringLiteral') as Node))

  return {
    text,
    hasErrors: nodes.some(({ type }) => type.isError),
    selectors: named('VectorSelector').map(node => parseSelector(node, textOf)),
    groupings: named('GroupingLabels').flatMap(descendants).filter(({ name }) => name === 'LabelName').map(textOf),
    createdLabels: callsOf('label_replace').map(createdLabel),
    hasAggregation: named('AggregateExpr').length > 0,
    factor: factorOf(topNode.firstChild, textOf),
    divisors: named('Div').map(div => div.parent?.lastChild as Node).map(node => ({
      text: textOf(node),
      isAboveZero: isAboveZero(node, textOf)
    })),
    quantiles: callsOf('histogram_quantile').map(call => ({
      argument: textOf(call),
      isFiltered: isFiltered(call)
    }))
  }
}

function children (node: Node): Node[] {
  const nodes: Node[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) nodes.push(child)
  return nodes
}

/** The node and all nodes below it. */
const descendants = (node: Node): Node[] => [node, ...children(node).flatMap(descendants)]

const unquote = (literal: string): string => literal.slice(1, -1)

function parseSelector (node: Node, textOf: (node: Node) => string): Selector {
  const matchers = descendants(node).filter(({ name }) => name === 'UnquotedLabelMatcher').map(matcher => {
    const partOf = (name: string): string => textOf(matcher.getChild(name) as Node)
    return { label: partOf('LabelName'), operator: partOf('MatchOp'), value: unquote(partOf('StringLiteral')) }
  })
  const fns = enclosingFunctions(node, textOf)
  const name = node.getChild('Identifier')
  const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined
  return {
    // Without a name, a regular expression selects it. Its longest match stands for it.
    series: name === null ? nameOf(matchers) : textOf(name),
    matchers: matchers.filter(({ label }) => label !== '__name__'),
    range: matrix && textOf(matrix).replace(/^.*\[|\]$/gs, ''),
    isFixed: matrix?.parent?.name === 'StepInvariantExpr',
    fn: fns[0],
    fns
  }
}

const nameOf = (matchers: readonly Matcher[]): string =>
  (matchers.find(({ label }) => label === '__name__')?.value ?? '').replace(/\((\w+)\)\?/, '$1')

function factorOf (top: Node | null, textOf: (node: Node) => string): number {
  const [, operator, right] = top === null ? [] : children(top)
  return operator?.name === 'Mul' && right?.name === 'NumberDurationLiteral' ? Number(textOf(right)) : 1
}

/** A comparison with a number removes NaN. */
const isFiltered = ({ nextSibling }: Node): boolean =>
  nextSibling?.name === 'Gte' && nextSibling.nextSibling?.name === 'NumberDurationLiteral'

/**
 * Whether a node is a number above 0, an expression in parentheses with `> n` (n >= 0) or `>= n` (n > 0), or a
 * `clamp_min` with a number above 0.
 */
function isAboveZero (node: Node, textOf: (node: Node) => string): boolean {
  if (node.name === 'NumberDurationLiteral') return Number(textOf(node)) > 0
  if (node.name === 'FunctionCall' && textOf(node).startsWith('clamp_min(')) {
    return Number(/, ([\d.]+)\)$/.exec(textOf(node))?.[1]) > 0
  }
  const comparison = node.name === 'ParenExpr' ? node.firstChild : null
  const [left, operator, right] = comparison === null ? [] : children(comparison)
  if (left === undefined || operator === undefined || right?.name !== 'NumberDurationLiteral') return false
  const limit = Number(textOf(right))
  return operator.name === 'Gtr' ? limit >= 0 : operator.name === 'Gte' && limit > 0
}

function enclosingFunctions (node: Node, textOf: (node: Node) => string): string[] {
  const names: string[] = []
  for (let { parent } = node; parent !== null; parent = parent.parent) {
    if (['FunctionCall', 'AggregateExpr'].includes(parent.name)) names.push(textOf(parent.firstChild as Node))
  }
  return names
}
