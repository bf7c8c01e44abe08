/** Makes the error for a problem, or for what was expected, and the value that was received. */
export type Reject = (problem: string, value: unknown) => Error
