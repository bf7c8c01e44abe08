import t from 'tap'
import { DEFAULT_RUNBOOK_BASE, readRunbookBase } from '../../dashboards/src/runbook-base.js'
import { renderRules } from '../../dashboards/src/write.js'

t.test('links every alert to the given address', async t => {
  const base = readRunbookBase(['--runbook-base', 'https://wiki.example/runbook'])
  const links = [...String(renderRules(base)['rules/alerts.yml']).matchAll(/runbook_url: (.*)/g)].map(([, link]) => link)
  t.ok(links.length > 30)
  for (const link of links) t.match(link, /^https:\/\/wiki\.example\/runbook#dynoai[a-z]+$/)
})

t.test('uses the external label of Prometheus by default', async t => {
  t.equal(readRunbookBase([]), DEFAULT_RUNBOOK_BASE)
})

t.test('rejects what is not an address', async t => {
  for (const base of ['', 'runbook.md', 'ftp://x/y', 'https://x/y#z', 'https://x/y z', "https://x/'"]) {
    t.throws(() => readRunbookBase(['--runbook-base', base]), {
      message: `--runbook-base must be an address with http or https, without #. Received: '${base}'`
    })
  }
  t.throws(() => readRunbookBase(['--runbook', 'https://x']))
})
