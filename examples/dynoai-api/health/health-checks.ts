import type { ComponentHealth } from '../contracts.js'

const worstFirst = ['unhealthy', 'degraded', 'healthy'] as const

/** How the service and each of its components is. */
export interface HealthReport {
  readonly status: ComponentHealth['status']
  readonly components: Readonly<Record<string, ComponentHealth>>
}

/** Collects the checks of the components; the service is as well as the worst of them. */
export class HealthChecks {
  readonly #checks = new Map<string, () => ComponentHealth>()

  /** Asks a component at every report, under its name. */
  add (component: string, check: () => ComponentHealth): void {
    this.#checks.set(component, check)
  }

  /** Asks every component how it is. */
  report (): HealthReport {
    const components = Object.fromEntries([...this.#checks].map(([component, check]) => [component, check()]))
    const found = Object.values(components).map(({ status }) => status)
    return { status: worstFirst.find((status) => found.includes(status)) ?? 'healthy', components }
  }
}
