import { exampleFaults } from './example.js'
import { processFaults } from './processes.js'
import { requestFaults } from './requests.js'

/** All ways in which a service breaks. */
export const FAULTS = { ...requestFaults, ...processFaults, ...exampleFaults } as const
export type FaultName = keyof typeof FAULTS
