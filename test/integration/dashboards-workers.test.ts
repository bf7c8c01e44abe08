import { createServer } from 'node:http'
import {
  dashboardExpressions, nodePanel, now, queryExpressions, queryPanel, ruleExpressions, TIMES
} from '../fixtures/integration/dashboard-queries.js'
import { testWithEachPrometheus } from '../fixtures/integration/each-prometheus.js'
import { findRuleFaults, startIdleServices, startScraping } from '../fixtures/integration/environment.js'
import { evaluate, findNegative, findUnusable } from '../fixtures/integration/evaluate.js'
import { NO_POLLING_MS } from '../fixtures/integration/traffic-run.js'
import { listenOnLoopback } from '../fixtures/loopback.js'

/**
 * Returns an exposition as two processes behind one target have it during a rolling restart: runtime metrics have a
 * label `worker`, and there are two versions of the application.
 */
function multiply (text: string): string {
  const workers = (line: string): string[] => ['0', '1'].map(worker =>
    line.replace(/^(\w+)(?:\{(.*)\})? /, (_, name: string, labels?: string) =>
      `${name}{${labels === undefined ? '' : `${labels},`}worker="${worker}"} `))
  return text.split('\n').flatMap(line => {
    if (/^(process|nodejs)_/.test(line)) return workers(line)
    return line.startsWith('dynoai_app_info{') ? [line, line.replace('1.0.0', '1.1.0')] : [line]
  }).join('\n') + [
    '# TYPE dynoai_metrics_workers gauge',
    ...Object.entries({ live: 2, stale: 0, gone: 0 }).map(([state, count]) =>
      `dynoai_metrics_workers{state="${state}"} ${count}`)
  ].join('\n') + '\n'
}

testWithEachPrometheus('every expression tells the processes of one target apart', async (t, program) => {
  const { targets: [service = ''] } = await startIdleServices(t, NO_POLLING_MS)
  const server = createServer(async (_request, response) => {
    const text = await (await fetch(`http://${service}/metrics`)).text()
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(multiply(text))
  })
  const target = new URL(await listenOnLoopback(t, server)).host
  const start = now()
  const prometheus = await startScraping(t, { dynoai: [target] }, { program })
  const one = { job: 'dynoai', instance: target, route: '/api/health' }
  const several = { job: ['dynoai'], instance: [target], route: ['/api/health', '/api/analyze'] }
  const range = { start, end: now(), step: 1 }
  const results = await evaluate(prometheus, dashboardExpressions, { one, several }, TIMES, range)
  t.strictSame(findUnusable(results), [], 'all values are numbers')
  t.strictSame(findNegative(results), [], 'no value is below 0')
  t.strictSame(findUnusable(await queryExpressions(prometheus, ruleExpressions)), [], 'all values of rules are numbers')
  t.strictSame(await findRuleFaults(prometheus), [], 'every rule is healthy, and no alert fires')

  const end = now()
  const workersOf = async (location: string): Promise<string[]> =>
    (await queryPanel(prometheus, location, target, end)).map(({ metric }) => metric['worker'] ?? '').sort()
  for (const title of ['Versions', 'Load by process', 'CPU', 'Memory', 'Uptime']) {
    t.strictSame(await workersOf(nodePanel(title)), ['0', '1'], title)
  }
  for (const title of ['Event-loop delay', 'Event loop busy']) {
    t.strictSame(await workersOf(nodePanel(title)), [''], `${title} has one line for the worst process of the instance`)
  }
  t.strictSame(await workersOf("dynoai-node, annotation 'Starts'"), ['0', '1'], 'annotations')
  const processes = await queryPanel(prometheus, nodePanel('Processes'), target, end)
  t.strictSame(
    processes.map(({ metric, value: [, count] }) => [metric['state'], count]).sort(),
    [['gone', '0'], ['live', '2'], ['stale', '0']]
  )
})
