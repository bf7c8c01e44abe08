import type { Summary } from './statistics.js'

// The results of one run, as `results.json` stores them. `RESULTS.md` and the costs in the README are written from
// them. The modules that format the results import no dependency of the benchmark: a unit test loads them.

/** Results of all sections. */
export interface Results {
  readonly environment: Environment
  readonly hooks: readonly HookResult[]
  readonly load: readonly LoadResult[]
  readonly growth: readonly GrowthResult[]
  readonly scrapes: readonly ScrapeResult[]
  readonly manySeries: ManySeriesResult
  readonly latency: readonly LatencyResult[]
  readonly pipelined: readonly PipelinedResult[]
  readonly sampler: SamplerResult
  readonly turns: readonly TurnsResult[]
  readonly business: BusinessResult
  readonly processes: ProcessesResult
}

/** The sections that can be measured alone, by the names that the command line accepts. */
export type Section = Exclude<keyof Results, 'environment'>

/** Results of the measured sections. */
export type PartialResults = Pick<Results, 'environment'> & Partial<Results>

/** Machine and versions of a run. */
export interface Environment {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  /** Versions by package. */
  readonly packages: Readonly<Record<string, string>>
}

/** Time and allocated memory of one operation. */
export interface OperationResult {
  readonly nanoseconds: Summary
  readonly bytes: number
}

/** The hooks of one setup, per request. */
export interface HookResult extends OperationResult {
  readonly name: string
  /** Time of dynoai-metrics divided by the time of this setup; missing for dynoai-metrics and bare Fastify. */
  readonly ratio?: number | undefined
}

/** CPU time of a server, per request. */
export interface LoadResult {
  readonly name: string
  readonly microseconds: Summary
  /** CPU time divided by that of bare Fastify. */
  readonly ratioToBare: number
}

/** The hooks of one setup with a number of routes and series, per request. */
export interface GrowthResult {
  readonly name: string
  readonly routes: number
  readonly series: number
  readonly nanoseconds: Summary
  /** Missing for few series: the memory of everything else hides theirs. */
  readonly bytesPerSeries?: number | undefined
}

/** Scrapes of one setup with 10,000 series. */
export interface ScrapeResult {
  readonly name: string
  readonly milliseconds: Summary
  /** The longest block of the event loop in one scrape, in milliseconds. */
  readonly block: Summary
  /** The longest block of all scrapes, in milliseconds; for dynoai-metrics only. */
  readonly maxBlock?: number | undefined
  readonly allocatedBytes: number
  readonly exposedBytes: number
  /** Missing for dynoai-metrics. */
  readonly ratios?: ScrapeRatios | undefined
}

/** Results of dynoai-metrics divided by those of another setup. */
export interface ScrapeRatios {
  readonly milliseconds: number
  readonly block: number
  readonly allocatedBytes: number
}

/** Longest blocks of the event loop, in milliseconds. */
export interface BlockResult {
  /** Median of the longest blocks of the scrapes. */
  readonly median: number
  /** The longest block of all scrapes. */
  readonly max: number
}

/** Scrapes of dynoai-metrics with 100,000 series. */
export interface ManySeriesResult {
  readonly scrapes: number
  readonly milliseconds: number
  readonly block: BlockResult
  readonly exposedBytes: number
  /** Resident memory after the first round, after half of the rounds and after the last round. */
  readonly residentBytes: readonly number[]
}

/** The 99th percentile of request latencies, in milliseconds. */
export interface LatencyResult {
  readonly name: string
  readonly alone: Summary
  readonly scraped: Summary
  /** Latency during scrapes divided by the latency without them. */
  readonly ratio: number
}

/**
 * The outcome of pipelined requests: all get a response, or the client disconnects after the first response. The values
 * are parts of the requested URLs.
 */
export type Outcome = 'complete' | 'drop'

/** CPU time per pipelined request, in microseconds. */
export interface PipelinedResult {
  readonly count: number
  readonly outcome: Outcome
  readonly bare: Summary
  readonly dynoaiMetrics: Summary
  /** CPU time with dynoai-metrics divided by that of bare Fastify. */
  readonly ratioToBare: number
}

/** CPU time of an idle process, in percent of one core. */
export interface SamplerResult {
  readonly without: number
  readonly with: number
  readonly difference: number
}

/** Turns of a busy event loop that one scrape takes. */
export interface TurnsResult {
  readonly name: string
  readonly encoding: string
  /** Size of the uncompressed text. */
  readonly bytes: number
  /** Number of turns by the length of a turn in milliseconds. */
  readonly turns: Readonly<Record<string, number>>
}

/** Calls, memory and scrapes of business metrics. */
export interface BusinessResult {
  readonly calls: readonly CallResult[]
  readonly memory: readonly MemoryResult[]
  readonly scrapeRounds: number
  readonly scrapes: readonly BusinessScrapeResult[]
}

/** One call with the metrics of several clients. */
export interface CallResult {
  readonly call: string
  /** The same call of a method that does nothing. */
  readonly emptyMethod: OperationResult
  readonly clients: Readonly<Record<string, ClientCallResult>>
}

/** One call with the metrics of one client, without the bytes that its caller allocates. */
export interface ClientCallResult extends OperationResult {
  /** Time of dynoai-metrics divided by the time of this client; missing for dynoai-metrics. */
  readonly ratio?: number | undefined
}

/** Memory of the series of one metric type. */
export interface MemoryResult {
  readonly type: string
  readonly clients: Readonly<Record<string, SeriesMemory>>
}

/** Bytes of memory per series, after the series was written and after it was also scraped. */
export interface SeriesMemory {
  readonly written: number
  readonly scraped: number
}

/** Scrapes of one mix of series. */
export interface BusinessScrapeResult {
  readonly mix: string
  readonly series: number
  readonly milliseconds: number
  readonly block: BlockResult
  readonly exposedBytes: number
}

/** Scrapes of services with several processes. */
export interface ProcessesResult {
  readonly scrapes: readonly ProcessesScrapeResult[]
  readonly stopped: StoppedResult
  readonly writing: WritingResult
  readonly memory: ProcessesMemoryResult
  readonly growth: readonly ProcessesGrowthResult[]
}

/** Scrapes of one service over HTTP. */
export interface ProcessesScrapeResult {
  readonly name: string
  readonly milliseconds: Summary
  /** The longest block of the event loop of the process that responds, in milliseconds. */
  readonly block: Summary
  readonly exposedBytes: number
  /** Results of several processes with dynoai-metrics divided by those of this service; missing for the former. */
  readonly ratios?: Pick<ScrapeRatios, 'milliseconds' | 'block'> | undefined
}

/** Milliseconds of a scrape of 8 processes: while all run, and while one is stopped. */
export interface StoppedResult {
  readonly running: Summary
  readonly stopped: Summary
  readonly ratio: number
}

/** CPU time of a process that writes to 5,000 series in each second, in percent of a core. */
export interface WritingResult {
  /** With the option `processes`, so that its counts are also written to files. */
  readonly shared: number
  readonly alone: number
  readonly difference: number
}

/** Bytes of memory that 5,000 series take in a process that was scraped. */
export interface ProcessesMemoryResult {
  readonly alone: number
  /** The process answers for 8 with the same labels. */
  readonly merged: number
}

/** Scrapes of a number of processes that each have a number of series, with the same labels. */
export interface ProcessesGrowthResult {
  readonly processes: number
  /** Series of each process. */
  readonly series: number
  readonly milliseconds: number
  readonly block: number
  readonly exposedBytes: number
  /** Bytes of the files that the processes share. */
  readonly sharedBytes: number
}
