import type { Faults } from './faults.js'
import type { Ledger } from './ledger.js'
import type { Service } from './service.js'

/** What clients, scrapers and observers of a run share. */
export interface SoakRun {
  readonly service: Service
  readonly ledger: Ledger
  readonly faults: Faults
  /** Whether clients and scrapers end. */
  isOver: boolean
}
