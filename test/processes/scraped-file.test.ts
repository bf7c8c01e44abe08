import { rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ScrapedFile } from '../../lib/processes/scraped-file.js'

t.test('says when the latest scrape began that has completed', async t => {
  const directory = t.testdir({})
  const [first, second] = [new ScrapedFile(directory, 'scraped'), new ScrapedFile(directory, 'scraped')]
  t.equal(second.latest, Infinity)
  const start = 1_700_000_000_000
  for (const [begun, expected] of [[0, 0], [5000, 5000], [2000, 5000]] as const) {
    first.note(start + begun)
    t.ok(Math.abs(second.latest - start - expected) < 1, `${second.latest}`)
  }
  t.equal(statSync(join(directory, 'scraped')).mode & 0o777, 0o600)
  t.equal(new ScrapedFile(directory, 'requested').latest, Infinity)
})

t.test('a clock that was set back does not keep later scrapes from being noted', async t => {
  const directory = t.testdir({})
  const file = new ScrapedFile(directory, 'scraped')
  const now = Date.now()
  file.note(now)
  utimesSync(join(directory, 'scraped'), now / 1000 + 3600, now / 1000 + 3600)
  file.note(now)
  t.ok(Math.abs(file.latest - now) < 1, `${file.latest}`)
})

t.test('throws if the directory does not exist', async t => {
  const directory = t.testdir({})
  const file = new ScrapedFile(directory, 'scraped')
  rmSync(directory, { recursive: true })
  t.equal(file.latest, Infinity)
  t.throws(() => { file.note(1) }, { code: 'ENOENT' })
})
