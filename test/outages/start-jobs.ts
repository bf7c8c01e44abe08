import { join } from 'node:path'
import type { FaultName } from './faults/index.js'
import { RunningJob } from './job.js'
import type { Instance } from './job.js'
import { twinOf } from './scenario.js'
import type { Scenario } from './scenario.js'
import { ServiceProcess } from './service.js'
import type { ServiceSettings } from './service.js'

/** A scenario that runs, with its healthy twin. */
export interface RunningScenario {
  readonly scenario: Scenario
  readonly job: RunningJob
  readonly twin: RunningJob | undefined
}

export interface StartOptions {
  /** Where the targets are written. */
  readonly directory: string
  /** Called with each process before its start, so that it is ended even if others do not start. */
  readonly onProcess: (process: ServiceProcess) => void
}

/** The service of each instance of a scenario. */
export function listServices ({ services, instances = services.length }: Scenario): FaultName[] {
  return Array.from({ length: instances }, (_, i) => services[i % services.length] as FaultName)
}

/**
 * Starts the services of scenarios, and their twins. Broken services and healthy ones never share a process.
 */
export async function startJobs (scenarios: readonly Scenario[], options: StartOptions): Promise<RunningScenario[]> {
  const twins = scenarios.filter(({ hasNoTwin = false }) => !hasNoTwin)
  const starting = [
    startAll(scenarios, ({ job }) => job, options),
    startAll(twins, ({ job }) => twinOf(job), options)
  ] as const
  // If one fails, the other starts no process after its end.
  await Promise.allSettled(starting)
  const [jobs, healthy] = await Promise.all(starting)
  return scenarios.map(scenario => ({
    scenario,
    job: jobs.get(scenario) as RunningJob,
    twin: healthy.get(scenario)
  }))
}

async function startAll (
  scenarios: readonly Scenario[], nameOf: (scenario: Scenario) => string, { directory, onProcess }: StartOptions
): Promise<Map<Scenario, RunningJob>> {
  const start = async (services: readonly ServiceSettings[], maxFiles?: number): Promise<ServiceProcess> => {
    const process = new ServiceProcess(services, maxFiles)
    onProcess(process)
    await process.start()
    return process
  }
  const settingsOf = (scenario: Scenario): ServiceSettings[] =>
    listServices(scenario).map(fault => ({ fault, directory: join(directory, `${nameOf(scenario)}-processes`) }))
  const together = scenarios.filter(({ isIsolated = false }) => !isIsolated)
  const services = together.flatMap(settingsOf)
  const shared = await Promise.all(split(services, MAX_SERVICES).map(async settings => await start(settings)))
  const jobs = new Map<Scenario, RunningJob>()
  let next = 0
  for (const scenario of scenarios) {
    const instances: Instance[] = together.includes(scenario)
      ? settingsOf(scenario).map(() => instanceOf(shared, next++))
      : await Promise.all(settingsOf(scenario).map(async settings =>
        ({ process: await start([settings], scenario.maxFiles), index: 0 })))
    jobs.set(scenario, await RunningJob.create(nameOf(scenario), instances, {
      directory, discovered: scenario.discovered
    }))
  }
  return jobs
}

/** Services that share a process. All in one would wait for each other when they are scraped at the same time. */
const MAX_SERVICES = 8

const instanceOf = (processes: readonly ServiceProcess[], service: number): Instance => ({
  process: processes[Math.floor(service / MAX_SERVICES)] as ServiceProcess,
  index: service % MAX_SERVICES
})

const split = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size))
