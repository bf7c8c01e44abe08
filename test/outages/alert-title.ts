/** The labels that tell alerts of the same name apart. */
const DISTINGUISHING = ['long_window', 'window', 'worse', 'failing']

/** Returns the name of an alert with what tells it apart, such as `DynoaiRestarting 3h`. */
export const alertTitle = (name: string, labels: Readonly<Record<string, string>> = {}): string =>
  [name, ...DISTINGUISHING.map(label => labels[label]).filter(value => value !== undefined)].join(' ')
