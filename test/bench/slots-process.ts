import type * as SeriesModule from '../../dist/lib/series/histogram-family.js'
import type * as Owners from '../../dist/lib/processes/owner.js'
import type * as Slots from '../../dist/lib/processes/slots.js'
import type * as Writers from '../../dist/lib/processes/slot-writer.js'
import { serveParent } from './child.js'
import { DEFINITION, itemOf, NAME, valueOf } from './shared-series.js'

// Writes what several processes would write, each with the same series, so that so many processes need not run.
// Arguments: the directory, the number of processes, the number of series.
const [directory = '', processes, series] = process.argv.slice(2)
const { HistogramFamily } = await importLib<typeof SeriesModule>('series/histogram-family.js')
const { describeThread } = await importLib<typeof Owners>('processes/owner.js')
const { takeSlot } = await importLib<typeof Slots>('processes/slots.js')
const { SlotWriter } = await importLib<typeof Writers>('processes/slot-writer.js')

const { help, buckets } = DEFINITION
const labels = [{ name: 'item', listed: [] }]
const family = new HistogramFamily({ name: NAME, help, labels, buckets, maxSeries: Number(series) })
for (let i = 0; i < Number(series); i++) family.observeAt(family.addSeries([itemOf(i)]), valueOf(i, 0))
const owner = { ...describeThread(), isReleased: false, interval: 1000, version: null, address: null }
for (let i = 0; i < Number(processes); i++) {
  const { slot, generation } = takeSlot(directory, owner)
  // Older than the process that is scraped, so its definition is used.
  const writer = new SlotWriter({ directory, slot, generation, since: 0, families: [family] })
  writer.write()
  writer.close()
}
serveParent({}, () => ({}), () => process.exit())

async function importLib<T> (file: string): Promise<T> {
  return await import(new URL(`../../../dist/lib/${file}`, import.meta.url).href) as T
}
