// Written by .build/version.js.

/** The version of this package, the label of `exporter_info`. */
export const version = '0.1.0'
