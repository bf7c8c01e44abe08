import type { ResolvedRequests } from '../options/options.js'
import type { RouteMetricsConfig } from '../types/index.js'
import { NO_LABELS } from './application-labels.js'
import { isIgnored } from './ignore.js'
import { pathLabel } from './labels.js'
import { MeasuredRoute } from './measured-route.js'
import { readRouteConfig } from './route-config.js'
import type { RouteRules } from './route-config.js'

/** Reports a metric error, and what was done instead. */
export type OnMetricError = (err: unknown, consequence: string) => void

export interface RouteResolverOptions {
  /** With `enabled: false` no route is counted. */
  readonly options: ResolvedRequests
  readonly rules: RouteRules
  /** Called if the config of a route, `ignore` or `skip` cannot be followed. */
  readonly onMetricError: OnMetricError
}

type CountedConfig = RouteMetricsConfig & { readonly isCounted: boolean }

/** Makes a `MeasuredRoute` from the config of a route and the options. */
export class RouteResolver {
  readonly #options: ResolvedRequests
  readonly #rules: RouteRules
  readonly #onMetricError: OnMetricError
  readonly #byPath = new Map<string, MeasuredRoute['byMethod']>()

  constructor ({ options, rules, onMetricError }: RouteResolverOptions) {
    this.#options = options
    this.#rules = rules
    this.#onMetricError = onMetricError
  }

  /**
   * Checks `config.metrics` of a route.
   * @throws DYNOAI_METRICS_ERR_ROUTE_CONFIG
   */
  check (url: string, config: unknown): false | RouteMetricsConfig {
    return readRouteConfig(url, config, this.#rules)
  }

  /** Resolves a route. `url` is `undefined` for requests that match no route. It never throws. */
  resolve (config: object, url: string | undefined, method: string): MeasuredRoute {
    const template = pathLabel(url)
    const settings = this.#configOf(template, config, method)
    const { isCounted, analysis, labels = NO_LABELS, until } = settings
    // The template itself is not changed: `requests.ignore` compares it as the application wrote it.
    const path = (settings.path ?? template).toWellFormed()
    const byMethod = this.#byPath.get(path) ?? new Map()
    const endsAtHead = isCounted && until === 'headers'
    const hasExtras = analysis !== undefined || endsAtHead || this.#rules.labels.length > 0 || this.#options.sizes
    const route = new MeasuredRoute({
      path,
      isCounted,
      isPlain: isCounted && !hasExtras,
      isMatched: url !== undefined,
      endsAtHead,
      analysis,
      labels,
      byMethod
    })
    this.#byPath.set(path, byMethod)
    return route
  }

  #configOf (template: string, { metrics }: { readonly metrics?: unknown }, method: string): CountedConfig {
    const config = this.#checkedOrEmpty(template, metrics)
    if (config === false) return { isCounted: false }
    return { ...config, isCounted: this.#options.enabled && !this.#isIgnored(template, method) }
  }

  // A route that was declared before this plugin has not been checked, and a function of the application may throw.
  // Neither must break a request.
  #checkedOrEmpty (template: string, config: unknown): false | RouteMetricsConfig {
    try {
      return this.check(template, config)
    } catch (err) {
      const consequence =
        `'config.metrics' of the route '${template}' is wrong, and its requests are counted without it`
      this.#onMetricError(err, consequence)
      return {}
    }
  }

  #isIgnored (template: string, method: string): boolean {
    try {
      return isIgnored(this.#options.ignore, template, method)
    } catch (err) {
      const consequence =
        `the option 'requests.ignore' failed for '${method} ${template}', and its requests are counted`
      this.#onMetricError(err, consequence)
      return false
    }
  }
}
