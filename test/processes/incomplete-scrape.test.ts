import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { nodeFileSystem } from '../../lib/processes/file-system.js'
import type { FileSystem } from '../../lib/processes/file-system.js'
import { createCounter, increase, seriesOf, writeSlot } from '../fixtures/processes/slots.js'
import { startProcess } from '../fixtures/processes/scraped-service.js'
import { createRandom } from '../fixtures/random.js'

const sample = (user: string): string => `calls_total{user="${user}"}`

/** A file system in which opening files fails for some names. */
function failingFileSystem (fails: (name: string) => boolean): FileSystem {
  const openSync: FileSystem['openSync'] = (path, ...rest) => {
    const [name] = String(path).split('/').slice(-1)
    if (fails(name!)) throw Object.assign(new Error(`EMFILE: ${name}`), { code: 'EMFILE' })
    return nodeFileSystem.openSync(path, ...rest)
  }
  return { ...nodeFileSystem, openSync }
}

t.test('writes the own counts in a turn after the merge, before it responds', async t => {
  const directory = join(t.testdir({}), 'shared')
  let turns = 0
  const writes: number[] = []
  const writevSync: FileSystem['writevSync'] = (...args) => {
    writes.push(turns)
    return nodeFileSystem.writevSync(...args)
  }
  const time = {
    now: () => 0, // no slice is over
    nextTurn: async () => {
      turns++
      await nextTurn()
    }
  }
  const counter = createCounter()
  const { scrape } = startProcess(t, { directory, families: [counter], fs: { ...nodeFileSystem, writevSync }, time })
  increase(counter, 'a')
  writes.length = 0
  t.match(await scrape(), { [sample('a')]: 1 })
  t.ok(writes.at(-1)! > 0, String(writes))
})

t.test('a scrape fails while counts of another process cannot be read, and does not show smaller ones', async t => {
  const directory = join(t.testdir({}), 'shared')
  for (const kind of ['base', 'labels', 'values']) {
    let isFailing = false
    const fs = failingFileSystem(name => isFailing && name.startsWith(`1.${kind}`))
    const { scrape, warnings, end } = startProcess(t, { directory, families: [createCounter({ a: 1 })], fs })
    writeSlot({ directory, slot: 1, families: [createCounter({ a: 5 })] })
    const { [sample('a')]: before } = await scrape()
    isFailing = true
    for (let i = 0; i < 2; i++) await t.rejects(scrape(), /EMFILE: 1/, kind)
    t.match(warnings.filter(text => text.startsWith('a scrape failed')), [/would have decreased/])
    isFailing = false
    t.match(await scrape(), { [sample('a')]: before })
    await end()
  }
})

t.test('a scrape fails if the slots cannot be listed, or the slot is lost and no other can be taken', async t => {
  const directory = join(t.testdir({ parent: {} }), 'parent', 'shared')
  const { scrape } = startProcess(t, { directory, families: [createCounter({ a: 1 })] })
  writeSlot({ directory, slot: 1, families: [createCounter({ a: 5 })] })
  t.match(await scrape(), { [sample('a')]: 6 })
  rmSync(dirname(directory), { recursive: true })
  await t.rejects(scrape(), /no slot/)
  mkdirSync(dirname(directory))
  t.match(await scrape(), { [sample('a')]: 1 })
})

t.test('a scrape is complete after others that were aborted in any turn', async t => {
  const directory = join(t.testdir({}), 'shared')
  const random = createRandom(1)
  let turns = 0
  let onTurn = (): void => {}
  let milliseconds = 0
  const time = {
    now: () => (milliseconds += 0.3), // each slice is over, and the event loop is not busy
    nextTurn: async () => {
      turns++
      onTurn()
      await nextTurn()
    }
  }
  const counters = [createCounter(), createCounter(), createCounter()]
  const [own, ...others] = counters
  const { scrape } = startProcess(t, { directory, families: [own!], time })
  const writers = others.map((family, i) => writeSlot({ directory, slot: i + 1, families: [family] }))
  const change = (): void => {
    for (const family of counters) {
      for (const index of [...family.table.indices()]) if (random.float() < 0.3) family.remove(index)
      const from = Math.floor(random.float() * 400)
      for (let user = from; user < from + 100; user++) increase(family, `${user}`)
    }
    for (const writer of writers) writer.write()
  }
  const sums = (): Record<string, number> => {
    const sums: Record<string, number> = {}
    for (const [key, [count]] of counters.flatMap(family => Object.entries(seriesOf([family])))) {
      const name = sample(JSON.parse(key.slice(key.indexOf('[')))[0])
      sums[name] = (sums[name] ?? 0) + count!
    }
    return sums
  }
  let isAborted = true
  for (let abortAt = 1; isAborted; abortAt++) {
    change()
    const controller = new AbortController()
    turns = 0
    onTurn = () => { if (turns === abortAt) controller.abort() }
    isAborted = await scrape(controller.signal).then(() => false, () => true)
    if (random.float() < 0.5) change()
    onTurn = () => {}
    const values = Object.entries(await scrape()).filter(([name]) => name.startsWith('calls_total'))
    t.strictSame(Object.fromEntries(values), sums(), `aborted in turn ${abortAt}`)
  }
  t.ok(turns > 30, `${turns} turns`)
  for (const writer of writers) writer.close()
})
