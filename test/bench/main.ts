import { benchBusiness } from './bench-business.js'
import { benchGrowth, benchHooks } from './bench-hooks.js'
import { benchLatency } from './bench-latency.js'
import { benchLoad } from './bench-load.js'
import { benchPipelined } from './bench-pipelined.js'
import { benchProcesses } from './bench-processes.js'
import { benchSampler } from './bench-sampler.js'
import { benchManySeries, benchScrapes } from './bench-scrapes.js'
import { benchTurns } from './bench-turns.js'
import { readEnvironment } from './environment.js'
import { replaceSections, writeResults, writeTexts } from './files.js'
import { report } from './report.js'
import type { PartialResults, Results, Section } from './results.js'

// Without arguments, measures all sections and writes the files. The names of sections measure these only and write no
// file; with `--record`, they replace those on record. `--again` measures nothing, and writes the texts from the
// results on record.

const SECTIONS: { readonly [Name in Section]: () => Promise<Results[Name]> } = {
  hooks: benchHooks,
  load: benchLoad,
  growth: benchGrowth,
  scrapes: benchScrapes,
  manySeries: benchManySeries,
  latency: benchLatency,
  pipelined: benchPipelined,
  sampler: benchSampler,
  turns: benchTurns,
  business: benchBusiness,
  processes: benchProcesses
}
const ALL = Object.keys(SECTIONS) as Section[]

async function measure<Name extends Section> (results: PartialResults, name: Name): Promise<void> {
  const section: Partial<Results> = results
  section[name] = await SECTIONS[name]()
}

const args = process.argv.slice(2)
const names = args.filter(name => !['--again', '--record'].includes(name))
const unknown = names.find(name => !Object.hasOwn(SECTIONS, name))
if (unknown !== undefined) throw new Error(`Unknown section '${unknown}'. Sections: ${ALL.join(', ')}`)

if (args.includes('--again')) {
  writeTexts()
} else {
  const results: PartialResults = { environment: readEnvironment() }
  for (const name of ALL) if (names.length === 0 || names.includes(name)) await measure(results, name)
  console.log(report(results))
  if (names.length === 0) writeResults(results as Results)
  else if (args.includes('--record')) replaceSections(results)
  if (names.length === 0 || args.includes('--record')) writeTexts()
}
