/**
 * Hears what the application removes. Series that expire are not reported. Counts of other processes may have the
 * series as well, so a series is reported even if this process does not have it.
 */
export interface RemovalListener {
  /** The application has removed the series with these label values. Must not throw. */
  removed (metric: string, labelValues: readonly string[]): void
  /** The application has reset the metric. Must not throw. */
  reset (metric: string): void
}
