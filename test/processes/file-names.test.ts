import t from 'tap'
import {
  baseFileName, carriedFileName, epochFileNames, highestEpoch, newestGeneration, outdatedFiles, outdatedSamples,
  samplesFileName
} from '../../lib/processes/file-names.js'
import { temporarySlotName } from '../../lib/processes/temporary-name.js'

const epoch = (generation: number, number: number): readonly string[] => epochFileNames(7, generation, number)
const base = (generation: number): string => baseFileName(7, generation)

t.test('names contain the slot, the generation and the epoch', async t => {
  t.equal(baseFileName(7, 2), '7.base.2')
  t.equal(temporarySlotName('7.base.2'), '7.base.2.tmp')
  t.equal(samplesFileName(7, 2), '7.samples.2')
  t.equal(carriedFileName(7, 2), '7.carried.2')
  t.strictSame(epochFileNames(7, 2, 3), ['7.labels.2.3', '7.values.2.3.0', '7.values.2.3.1'])
})

t.test('the newest generation is the highest that has a base, with its complete epochs', async t => {
  const cases: ReadonlyArray<readonly [state: string, names: readonly string[], expected: unknown]> = [
    ['no file', [], null],
    ['no base', epoch(1, 1), null],
    ['another slot', ['8.base.1', '77.base.1', '07.labels.1.1'], null],
    ['a base that is not complete', [temporarySlotName(base(1))], null],
    ['only a base', [base(1)], { generation: 1, epochs: [] }],
    ['an epoch that is not complete', [base(1), ...epoch(1, 1).slice(1)], { generation: 1, epochs: [] }],
    ['epochs', [base(1), ...epoch(1, 2), ...epoch(1, 10), ...epoch(1, 9)], { generation: 1, epochs: [10, 9, 2] }],
    ['a takeover', [base(9), ...epoch(9, 1), base(10), ...epoch(11, 1)], { generation: 10, epochs: [] }],
    ['other files', [base(1), '7.owner.2', '7.base.x', 'scraped', '7.samples.3'], { generation: 1, epochs: [] }],
    ['a huge number', [base(1), `7.base.${'9'.repeat(16)}`], { generation: 1, epochs: [] }]
  ]
  for (const [state, names, expected] of cases) t.strictSame(newestGeneration(names, 7), expected, state)
})

t.test('the highest epoch counts files that are not complete', async t => {
  t.equal(highestEpoch([], 7, 1), 0)
  t.equal(highestEpoch([base(1), ...epoch(1, 3).slice(2), ...epoch(1, 2), ...epoch(2, 9)], 7, 1), 3)
})

t.test('files of lower generations and epochs are outdated, owner files and files of other slots are not', async t => {
  const kept = [base(3), base(4), ...epoch(3, 2), ...epoch(4, 1), '7.owner.1', '8.base.1', 'scraped', '7.base.3.tmp']
  const outdated = [base(2), '7.base.1.tmp', ...epoch(2, 9), ...epoch(3, 1)]
  const samples = ['7.samples.2', '7.samples.2.tmp', '7.carried.2', '7.samples.3', '7.carried.3']
  const names = [...kept, ...outdated, ...samples]
  t.strictSame(outdatedFiles(names, 7, { generation: 3, epoch: 2 }), outdated)
  t.strictSame(outdatedSamples(names, 7, 3), samples.slice(0, 3))
})
