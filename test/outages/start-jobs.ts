import type { FaultName } from './faults/index.js'
import { RunningJob } from './job.js'
import type { Instance } from './job.js'
import { twinOf } from './scenario.js'
import type { Scenario } from './scenario.js'
import { ServiceProcess } from './service.js'

/** A scenario that runs, with its healthy twin. */
export interface RunningScenario {
  readonly scenario: Scenario
  readonly job: RunningJob
  readonly twin: RunningJob | undefined
}

export interface StartOptions {
  /** Where the targets are written. */
  readonly directory: string
  /** Called with each process, so that it is ended even if others do not start. */
  readonly onProcess: (process: ServiceProcess) => void
}

/** The service of each instance of a scenario. */
export function listServices ({ services, instances = services.length }: Scenario): FaultName[] {
  return Array.from({ length: instances }, (_, i) => services[i % services.length] as FaultName)
}

/**
 * Starts the services of scenarios, and their twins. Those that share a process are all in one, and their twins in
 * another.
 */
export async function startJobs (scenarios: readonly Scenario[], options: StartOptions): Promise<RunningScenario[]> {
  const twins = scenarios.filter(({ hasNoTwin = false }) => !hasNoTwin)
  const [jobs, healthy] = await Promise.all([
    startAll(scenarios, ({ job }) => job, options),
    startAll(twins, ({ job }) => twinOf(job), options)
  ])
  return scenarios.map(scenario => ({
    scenario,
    job: jobs.get(scenario) as RunningJob,
    twin: healthy.get(scenario)
  }))
}

async function startAll (
  scenarios: readonly Scenario[], nameOf: (scenario: Scenario) => string, { directory, onProcess }: StartOptions
): Promise<Map<Scenario, RunningJob>> {
  const start = async (faults: readonly FaultName[], maxFiles?: number): Promise<ServiceProcess> => {
    const process = await ServiceProcess.start(faults.map(fault => ({ fault })), maxFiles)
    onProcess(process)
    return process
  }
  const together = scenarios.filter(({ isIsolated = false }) => !isIsolated)
  const shared = await start(together.flatMap(listServices))
  const jobs = new Map<Scenario, RunningJob>()
  let index = 0
  for (const scenario of scenarios) {
    const instances: Instance[] = together.includes(scenario)
      ? listServices(scenario).map(() => ({ process: shared, index: index++ }))
      : await Promise.all(listServices(scenario).map(async fault =>
        ({ process: await start([fault], scenario.maxFiles), index: 0 })))
    jobs.set(scenario, await RunningJob.create(nameOf(scenario), instances, {
      directory, discovered: scenario.discovered
    }))
  }
  return jobs
}
