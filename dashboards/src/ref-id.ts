/** Returns the letter that Grafana identifies a panel's query by: 'A' for the first one. */
export const refIdOf = (index: number): string => String.fromCharCode('A'.charCodeAt(0) + index)
