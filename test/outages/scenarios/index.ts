import type { Scenario } from '../scenario.js'
import { exampleScenarios } from './example.js'
import { presenceScenarios } from './presence.js'
import { processScenarios } from './processes.js'
import { requestScenarios } from './requests.js'

/** All outages, in the order of the table. */
export const SCENARIOS: readonly Scenario[] =
  [...presenceScenarios, ...requestScenarios, ...processScenarios, ...exampleScenarios]
