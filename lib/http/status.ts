/** The status of a request whose response was not completed, whoever broke it; nginx's code for it. */
export const ABORTED = 499
