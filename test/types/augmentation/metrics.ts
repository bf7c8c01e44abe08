// An application's own module for its metrics, as it might be written: everything of the package, and its own beside.
export * from 'dynoai-metrics'
export { default } from 'dynoai-metrics'
