import type { Scenario } from '../scenario.js'
import { deployRolling, hide, kill, killEvery } from './actions.js'

/** A start takes as long as in reality. */
export const SLOW_START = 'on a busy machine a start takes seconds, which stand for minutes'

/** Outages of processes and of their discovery. */
export const presenceScenarios: readonly Scenario[] = [
  {
    job: 'down',
    outage: 'the only instance is down',
    how: 'SIGKILL, and no restart',
    expected: ['DynoaiDown', 'DynoaiAbsent'],
    isShort: true,
    services: ['plain'],
    isIsolated: true,
    act: kill()
  },
  {
    job: 'one-down',
    outage: 'one of three instances is down',
    how: 'SIGKILL, and no restart',
    expected: ['DynoaiDown'],
    isShort: true,
    services: ['plain'],
    instances: 3,
    isIsolated: true,
    act: kill(1),
    hasNoTwin: true
  },
  {
    job: 'vanished',
    outage: 'discovery finds none of the instances',
    how: 'the list of targets becomes empty',
    expected: ['DynoaiAbsent'],
    isShort: true,
    services: ['plain'],
    instances: 2,
    act: hide(2),
    hasNoTwin: true
  },
  {
    job: 'one-gone',
    outage: 'discovery no longer finds one of three instances',
    how: 'a target is removed from the list; the same as scaling down',
    expected: ['DynoaiInstanceGone'],
    isShort: true,
    services: ['plain'],
    instances: 3,
    act: hide(1)
  },
  {
    job: 'flapping',
    outage: 'two of three scrapes fail',
    how: 'their connections are closed without a response',
    expected: ['DynoaiFlapping'],
    allowed: {
      DynoaiScrapesRefused: 'a scrape that is not completed counts as 499',
      DynoaiDown: 'on a busy machine the third scrape fails too, and all fail for two minutes'
    },
    isShort: true,
    services: ['dropScrapes']
  },
  {
    job: 'crash-loop',
    outage: 'a crash every 5 minutes',
    how: 'SIGKILL every 5 s, and a restart at once',
    expected: ['DynoaiRestarting 30m', 'DynoaiRestarting 3h'],
    allowed: {
      DynoaiFlapping: 'a start takes as long as in reality, which is 60 times as much of the time',
      DynoaiDown: SLOW_START,
      DynoaiAbsent: SLOW_START
    },
    isShort: true,
    services: ['plain'],
    isIsolated: true,
    act: killEvery(5000),
    hasNoTwin: true
  },
  {
    job: 'slow-crash-loop',
    outage: 'a crash every 20 minutes, for 12 hours',
    how: 'SIGKILL every 20 s for 12 minutes, and a restart at once',
    expected: ['DynoaiRestarting 3h'],
    allowed: { DynoaiDown: SLOW_START, DynoaiAbsent: SLOW_START },
    isShort: false,
    services: ['plain'],
    isIsolated: true,
    act: killEvery(20_000),
    hasNoTwin: true
  },
  {
    job: 'deployment',
    outage: 'a deployment replaces three instances, one after another',
    how: 'each gets another address; the old one is killed when discovery has dropped it',
    expected: [],
    isShort: true,
    services: ['plain'],
    instances: 6,
    discovered: 3,
    isIsolated: true,
    act: deployRolling,
    hasNoTwin: true
  },
  {
    job: 'kubernetes-pods',
    outage: 'a target of another program is down, in a job with one of ours',
    how: 'SIGKILL of a process with `prom-client` alone',
    expected: [],
    isShort: true,
    services: ['foreign', 'plain'],
    isIsolated: true,
    act: kill(1),
    hasNoTwin: true
  }
]
