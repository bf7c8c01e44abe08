/** The path of a request that matched no route, also where options name it. */
export const UNMATCHED = '__unmatched__'
