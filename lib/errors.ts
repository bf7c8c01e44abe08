import createError from '@fastify/error'

/**
 * Every error of this package: raised at register or where a route is declared, but `ERR_CALL`, `ERR_COLLECT` and
 * `ERR_REGISTRY`, which are only logged.
 */
export const errors = {
  ERR_OPTION: createError('DYNOAI_METRICS_ERR_OPTION', "The option '%s' must be %s. Received: '%s'", 500, TypeError),
  ERR_UNKNOWN_OPTION: createError('DYNOAI_METRICS_ERR_UNKNOWN_OPTION', "The option '%s' is unknown, known are %s. Received: '%s'", 500, TypeError),
  ERR_ENV: createError('DYNOAI_METRICS_ERR_ENV', "The environment variable '%s' must be %s. Received: '%s'", 500, TypeError),
  ERR_DEFINITION: createError('DYNOAI_METRICS_ERR_DEFINITION', "The metric '%s' %s. Received: '%s'", 500, TypeError),
  ERR_NAME_TAKEN: createError('DYNOAI_METRICS_ERR_NAME_TAKEN', "The registry already has a metric of this name. Received: '%s'"),
  ERR_LABEL_TAKEN: createError('DYNOAI_METRICS_ERR_LABEL_TAKEN', "The default label '%s' is a label of a metric. Received: '%s'"),
  ERR_PATH_TAKEN: createError('DYNOAI_METRICS_ERR_PATH_TAKEN', "A route already exists at the path of the endpoint (option 'path', METRICS_PATH). Received: '%s'"),
  ERR_REGISTERED: createError('DYNOAI_METRICS_ERR_REGISTERED', "dynoai-metrics already measures this instance or one above it. Received: a second registration with the prefix '%s'"),
  ERR_DECORATOR: createError('DYNOAI_METRICS_ERR_DECORATOR', "The instance already has a decorator 'metrics' that is not of dynoai-metrics. Received: '%s'"),
  ERR_CALL: createError('DYNOAI_METRICS_ERR_CALL', "A call of the metric '%s' was not recorded, %s. Received: '%s'", 500, TypeError),
  ERR_COLLECT: createError('DYNOAI_METRICS_ERR_COLLECT', "The metric '%s' was left out of a scrape, %s. Received: '%s'", 500, TypeError),
  ERR_REGISTRY: createError('DYNOAI_METRICS_ERR_REGISTRY', "The registry cannot be read, %s. Received: '%s'", 500, TypeError),
  ERR_ROUTE_CONFIG: createError('DYNOAI_METRICS_ERR_ROUTE_CONFIG', "'config.metrics' of the route '%s' must be %s. Received: '%s'", 500, TypeError)
} as const

export { received } from './received.js'
