import * as fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { carrySamples } from '../../lib/processes/carried-samples.js'
import { FileProblem } from '../../lib/processes/file-problem.js'
import { nodeFileSystem } from '../../lib/processes/file-system.js'
import type { FileSystem } from '../../lib/processes/file-system.js'
import { readSamplesFile } from '../../lib/processes/samples-file.js'
import type { DatedFamily } from '../../lib/processes/samples-format.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import {
  byUser, datedFamily, histogram, summary, valuesOf, writeGeneration
} from '../fixtures/processes/sampled-families.js'

/** Takes over slot 0, and returns the reasons of problems. */
function carry (directory: string, generation: number, fs: FileSystem = nodeFileSystem): string[] {
  const isRuntime = (name: string): boolean => name.startsWith('process_')
  return runToEnd(carrySamples({ fs, directory, slot: 0, generation, isRuntime })).map(({ reason }) => reason)
}

const carriedFamilies = (directory: string, generation: number): readonly DatedFamily[] =>
  runToEnd(readSamplesFile({ fs: nodeFileSystem, directory, name: `0.carried.${generation}` }, undefined)).families

const carried = (directory: string, generation: number): Record<string, number> =>
  valuesOf(carriedFamilies(directory, generation))

const counter = (counts: Readonly<Record<string, number>>, since = 1): DatedFamily =>
  datedFamily('c_total', byUser('counter', counts), since)

t.test('carries the sums of the owners before', async t => {
  const directory = t.testdir()
  writeGeneration(directory, {
    carried: [counter({ a: 1, old: 5 }, 1)],
    samples: [
      counter({ b: 2, a: 10 }, 2),
      datedFamily('h', histogram('h', { 1: 1, '+Inf': 2 }, 3)),
      datedFamily('s', summary('s', { median: 1, sum: 2, count: 3 })),
      datedFamily('g', byUser('gauge', { a: 1 })),
      datedFamily('process_cpu_total', byUser('counter', { a: 1 }))
    ]
  })
  t.strictSame(carry(directory, 2), [])
  t.strictSame(carried(directory, 2), {
    'c_total{user=b}': 2,
    'c_total{user=a}': 11,
    'c_total{user=old}': 5,
    'h_bucket{le=1}': 1,
    'h_bucket{le=Infinity}': 2,
    'h_sum{}': 3,
    'h_count{}': 2,
    's_sum{}': 2,
    's_count{}': 3
  })
  t.equal(carriedFamilies(directory, 2)[0]?.since, 2)
  t.strictSame(fs.readdirSync(directory), ['0.carried.2'])
})

t.test('a slot without samples carries nothing', async t => {
  const directory = t.testdir({ '0.owner.1': '', '1.base.1': '', '1.carried.1': '' })
  t.strictSame(carry(directory, 1), [])
  t.strictSame(carried(directory, 1), {})
  t.strictSame(carry(directory, 2), [])
  t.strictSame(carried(directory, 2), {})
  t.strictSame(fs.readdirSync(directory), ['0.carried.2', '0.owner.1', '1.base.1', '1.carried.1'])
})

t.test('does nothing once the sums of the generation are written', async t => {
  const directory = t.testdir()
  writeGeneration(directory, { generation: 2, carried: [counter({ a: 1 })], samples: [counter({ a: 10 })] })
  t.strictSame(carry(directory, 2), [])
  t.strictSame(carried(directory, 2), { 'c_total{user=a}': 1 })
})

t.test('changes nothing while a file cannot be read', async t => {
  const directory = t.testdir()
  writeGeneration(directory, { carried: [counter({ a: 1 })], samples: [counter({ a: 10 })] })
  const openSync: FileSystem['openSync'] = (path, ...args) => {
    if (String(path).endsWith('0.samples.1')) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
    return nodeFileSystem.openSync(path, ...args)
  }
  t.throws(() => carry(directory, 2, { ...nodeFileSystem, openSync }), new FileProblem('unreadable', 'EMFILE'))
  t.strictSame(fs.readdirSync(directory), ['0.carried.1', '0.samples.1'])
  t.strictSame(carry(directory, 2), [])
  t.strictSame(carried(directory, 2), { 'c_total{user=a}': 11 })
})

t.test('reports what is wrong, and carries the rest', async t => {
  const directory = t.testdir()
  writeGeneration(directory, { carried: [counter({ a: 1 })] })
  fs.writeFileSync(join(directory, '0.samples.1'), 'x\n')
  t.strictSame(carry(directory, 2), ['malformed'])
  t.strictSame(carried(directory, 2), { 'c_total{user=a}': 1 })
})

t.test('carries a bounded number of series over many takeovers, those that were used last', async t => {
  const directory = t.testdir()
  const users = (generation: number, count: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`user-${generation}-${i}`, 1]))
  writeGeneration(directory, { samples: [counter({ always: 1, ...users(1, 7000) })] })
  for (let generation = 2; generation < 5; generation++) {
    t.strictSame(carry(directory, generation), generation === 2 ? [] : ['too_large'])
    const [family] = carriedFamilies(directory, generation)
    writeGeneration(directory, {
      generation, carried: [family!], samples: [counter({ always: 1, ...users(generation, 7000) })]
    })
  }
  const values = carried(directory, 4)
  t.equal(Object.keys(values).length, 10_000)
  t.equal(values['c_total{user=always}'], 3)
  t.equal(Object.keys(values).filter(name => name.includes('user-3-')).length, 7000)
})

t.test('does not divide a series at the limit', async t => {
  const directory = t.testdir()
  const series = Array.from({ length: 3000 }, (_, i) => histogram('h', { 1: 1, '+Inf': 2 }, 3).values.map(sample =>
    ({ ...sample, labels: { ...sample.labels, i } })))
  writeGeneration(directory, { samples: [datedFamily('h', { type: 'histogram', values: series.flat() })] })
  t.strictSame(carry(directory, 2), ['too_large'])
  t.equal(Object.keys(carried(directory, 2)).length, 10_000)
  const wide = histogram('h', { ...Object.fromEntries(Array.from({ length: 11_000 }, (_, i) => [i, 1])), '+Inf': 2 }, 3)
  writeGeneration(directory, { generation: 2, samples: [datedFamily('h', wide, 2)] })
  t.strictSame(carry(directory, 3), ['too_large'])
  t.strictSame(carried(directory, 3), {})
})

t.test('throws what the file system throws', async t => {
  const directory = t.testdir()
  const renameSync = (): never => { throw Object.assign(new Error('EROFS'), { code: 'EROFS' }) }
  t.throws(() => carry(directory, 1, { ...nodeFileSystem, renameSync }), { code: 'EROFS' })
  t.strictSame(fs.readdirSync(directory), [])
})
