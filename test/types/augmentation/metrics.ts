// A module for the metrics of an application. It re-exports the package.
export * from 'dynoai-metrics'
export { default } from 'dynoai-metrics'
