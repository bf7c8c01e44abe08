import createError from '@fastify/error'

// Every message ends with the received value. A string is in double quotes, to distinguish it from a number or a
// name.

/**
 * All errors of this package. They are thrown at register, by `define`, or when a route is declared. `ERR_CALL`,
 * `ERR_COLLECT`, `ERR_REGISTRY` and `ERR_LABEL` are only logged; `metric.remove()` of a handle also throws `ERR_CALL`.
 */
export const errors = {
  ERR_OPTION: createError(
    'DYNOAI_METRICS_ERR_OPTION',
    "The option '%s' must be %s. Received: %s",
    500, TypeError
  ),
  ERR_UNKNOWN_OPTION: createError(
    'DYNOAI_METRICS_ERR_UNKNOWN_OPTION',
    "The option '%s' is unknown%s. Received: %s",
    500, TypeError
  ),
  ERR_ENV: createError(
    'DYNOAI_METRICS_ERR_ENV',
    "The environment variable '%s' must be %s. Received: %s",
    500, TypeError
  ),
  ERR_DEFINITION: createError(
    'DYNOAI_METRICS_ERR_DEFINITION',
    '%s %s. Received: %s',
    500, TypeError
  ),
  ERR_NAME_TAKEN: createError(
    'DYNOAI_METRICS_ERR_NAME_TAKEN',
    "A metric with the name '%s' is %s. Received: %s"
  ),
  ERR_LABEL_TAKEN: createError(
    'DYNOAI_METRICS_ERR_LABEL_TAKEN',
    "The default label '%s' must not be a label of a metric, and '%s' has it. Received: %s"
  ),
  ERR_PATH_TAKEN: createError(
    'DYNOAI_METRICS_ERR_PATH_TAKEN',
    'A route already exists at the path of the endpoint; ' +
      "change the route, or the option 'path' or METRICS_PATH. Received: %s"
  ),
  ERR_REGISTERED: createError(
    'DYNOAI_METRICS_ERR_REGISTERED',
    'dynoai-metrics already measures this instance or one above it; register it once, on the outermost. ' +
      'Received: a second registration with the prefix: %s'
  ),
  ERR_DECORATOR: createError(
    'DYNOAI_METRICS_ERR_DECORATOR',
    "The instance already has a decorator 'metrics' that is not of dynoai-metrics; " +
      'only one of the two plugins can be registered. Received: %s'
  ),
  ERR_CALL: createError(
    'DYNOAI_METRICS_ERR_CALL',
    "A call of the metric '%s' was not recorded, %s. Received: %s",
    500, TypeError
  ),
  ERR_COLLECT: createError(
    'DYNOAI_METRICS_ERR_COLLECT',
    "A scrape left out '%s', %s. Received: %s",
    500, TypeError
  ),
  ERR_REGISTRY: createError(
    'DYNOAI_METRICS_ERR_REGISTRY',
    'The registry cannot be read, %s. Received: %s',
    500, TypeError
  ),
  ERR_LABEL: createError(
    'DYNOAI_METRICS_ERR_LABEL',
    "The function of the label '%s' must return %s. Received: %s",
    500, TypeError
  ),
  ERR_ROUTE_CONFIG: createError(
    'DYNOAI_METRICS_ERR_ROUTE_CONFIG',
    "'config.metrics' of the route '%s' must be %s. Received: %s",
    500, TypeError
  ),
  ERR_DIRECTORY: createError(
    'DYNOAI_METRICS_ERR_DIRECTORY',
    "The directory '%s' of the processes must %s. Received: %s"
  )
} as const

export { received } from './util/received.js'
