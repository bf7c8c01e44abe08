/** The version of this package, the label of `exporter_info`; a test holds it equal to package.json. */
export const version = '0.1.0'
