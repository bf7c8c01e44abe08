import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { Registry } from 'prom-client'
import type { OwnMetrics } from '../../lib/exposition/merger.js'
import { Scheduler } from '../../lib/exposition/scheduler.js'
import { Member } from '../../lib/processes/member.js'
import { Outage } from '../../lib/processes/outage.js'
import { Problems } from '../../lib/processes/problems.js'
import { ServiceScrape } from '../../lib/processes/service-scrape.js'
import { MetricErrors } from '../../lib/registry/metric-errors.js'
import type { DerivedMetric } from '../../lib/registry/plugin-metric.js'
import type { Family } from '../../lib/series/family.js'
import { sharedDirectory } from '../fixtures/processes/folder.js'
import { createCounter, increase, mergeSlots, seriesOf, writeSlot } from '../fixtures/processes/slots.js'

interface Setup {
  readonly directory: string
  readonly member: Member
  readonly scrape: ServiceScrape
  readonly reported: string[]
}

function createScrape (t: Test): Setup {
  const directory = sharedDirectory(t)
  const reported: string[] = []
  const problems = Object.assign(new Problems(new MetricErrors('', { warn () {} } as never)), {
    report (kind: string) { reported.push(kind) }
  })
  const member = new Member({
    service: { directory, isDefault: false, record: null },
    interval: 1000,
    registry: new Registry(),
    isRuntime: () => false,
    collect: async () => ({ metrics: [], defaultLabels: {} }),
    collectSums: async () => ({ metrics: [], defaultLabels: {} }),
    problems,
    address: () => null
  })
  t.teardown(() => { member.end() })
  const scrape = new ServiceScrape({ directory, member, problems, * onSlots () {} })
  return { directory, member, scrape, reported }
}

/** The metrics of this process in one scrape. */
function ownMetrics (metrics: OwnMetrics['metrics'], signal = new AbortController().signal): OwnMetrics {
  const registeredNames = new Set(metrics.map(({ name }) => name))
  return { metrics, registeredNames, defaultLabels: {}, startedAt: 1, scheduler: new Scheduler(), signal }
}

t.test('writes the counts that it has shown before it returns them', async t => {
  const { directory, member, scrape, reported } = createScrape(t)
  const family = createCounter({ a: 2 })
  for (const count of [2, 3]) {
    const merged = await scrape.merge(ownMetrics([family]))
    t.strictSame(seriesOf(merged?.metrics as Family[]), { 'calls_total["a"]': [count] })
    t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [count] })
    merged?.release()
    increase(family, 'a')
  }
  const merged = await scrape.merge(ownMetrics([family]))
  const other = await scrape.merge(ownMetrics([]))
  t.strictSame(other?.metrics, [], 'it is not registered any more')
  t.equal(member.scraped.latest, Infinity)
  merged?.release()
  merged?.complete(true)
  t.ok(member.scraped.latest <= Date.now() + 1)
  rmSync(directory, { recursive: true })
  other?.complete(true)
  t.strictSame(reported, ['write'])
})

t.test('leaves out a derived metric whose family is not merged', async t => {
  const { scrape } = createScrape(t)
  const source = createCounter({ a: 2 })
  const derived: DerivedMetric = {
    name: 'd_total',
    help: 'D',
    type: 'counter',
    labelNames: [],
    source,
    values: () => [],
    valuesOf: family => [{ labels: {}, value: family.table.pages.size }]
  }
  t.strictSame((await scrape.merge(ownMetrics([derived])))?.metrics, [])
  const merged = await scrape.merge(ownMetrics([source, derived]))
  const [, total] = merged?.metrics ?? []
  t.strictSame('values' in total! && [...total.values()], [{ labels: {}, value: 1 }])
})

t.test('reports problems and conflicts, and fails if it cannot merge what others may have shown', async t => {
  const { directory, member, scrape, reported } = createScrape(t)
  member.update()
  writeFileSync(join(directory, '3.base.1'), 'forged'.repeat(100))
  writeSlot({ directory, slot: 4, families: [createCounter({ b: 1 })] })
  const merged = await scrape.merge(ownMetrics([createCounter({ a: 1 })]))
  t.strictSame(seriesOf(merged?.metrics as Family[]), { 'calls_total["a"]': [1], 'calls_total["b"]': [1] })
  t.strictSame(reported.splice(0), ['read'])
  merged?.release()

  const metrics = ownMetrics([{
    name: 'v',
    help: 'V',
    type: 'gauge',
    labelNames: [],
    values () { throw new Error('fails') }
  }])
  await t.rejects(scrape.merge(metrics), /fails/)
  t.strictSame(reported.splice(0), ['read', 'incomplete'])
  rmSync(directory, { recursive: true })
  writeFileSync(directory, '')
  await t.rejects(scrape.merge(ownMetrics([])), /no slot/)
  t.strictSame(reported, ['directory', 'incomplete'])
})

t.test('a process that has never had a slot goes on alone, and one that cannot read for long, too', async t => {
  const { directory, member, reported } = createScrape(t)
  let time = 0
  const outage = new Outage(() => time)
  const problems = { report (kind: string) { reported.push(kind) } } as unknown as Problems
  const scrape = new ServiceScrape({ directory, member, problems, outage, * onSlots () {} })
  writeFileSync(directory, '')
  t.equal(await scrape.merge(ownMetrics([])), null)
  t.strictSame(reported.splice(0), ['directory'])
  rmSync(directory)
  t.ok(await scrape.merge(ownMetrics([])))
  rmSync(directory, { recursive: true })
  writeFileSync(directory, '')
  await t.rejects(scrape.merge(ownMetrics([])), /no slot/)
  time = 5 * 60_000
  t.equal(await scrape.merge(ownMetrics([])), null)
  t.strictSame(reported, ['directory', 'incomplete', 'directory', 'scrape'])
})

t.test('rejects if the scraper has disconnected', async t => {
  const { member, scrape, reported } = createScrape(t)
  member.update()
  const controller = new AbortController()
  const families = Array.from({ length: 3 }, () => createCounter())
  for (const family of families) for (let i = 0; i < 20_000; i++) family.admit([`${i}`])
  const metrics = ownMetrics([families[0]!], controller.signal)
  const merging = scrape.merge(metrics)
  controller.abort(new Error('disconnected'))
  await t.rejects(merging, { message: 'disconnected' })
  t.strictSame(reported, [])
  t.ok(await scrape.merge(ownMetrics([])))
})
