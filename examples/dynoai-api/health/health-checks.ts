import type { ComponentHealth } from '../contracts.js'

const WORST_FIRST = ['unhealthy', 'degraded', 'healthy'] as const

/** The health of the service and of each component. */
export interface HealthReport {
  readonly status: ComponentHealth['status']
  readonly components: Readonly<Record<string, ComponentHealth>>
}

/** Collects the checks of the components. The service has the worst status of its components. */
export class HealthChecks {
  readonly #checks = new Map<string, () => ComponentHealth>()

  /** Adds a component. Every report calls its check. */
  add (component: string, check: () => ComponentHealth): void {
    this.#checks.set(component, check)
  }

  /** Calls every check. */
  report (): HealthReport {
    const components = Object.fromEntries([...this.#checks].map(([component, check]) => [component, check()]))
    const statuses = Object.values(components).map(({ status }) => status)
    return { status: WORST_FIRST.find(status => statuses.includes(status)) ?? 'healthy', components }
  }
}
