/** Makes an error from a problem, or from what was expected, and the received value. */
export type Reject = (problem: string, value: unknown) => Error
