/** The label value `path` of a request that matched no route; options use the same name. */
export const UNMATCHED = '__unmatched__'
