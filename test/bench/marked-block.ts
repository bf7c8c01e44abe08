/** Where a text of the repository has a part that the benchmark writes. */
export interface MarkedFile {
  readonly file: string
  readonly begin: string
  readonly end: string
}

/**
 * Replaces the block between two markers of a text. The block contains the markers.
 * @throws if the text does not have each marker once, in this order
 */
export function replaceBlock (text: string, { file, begin, end }: MarkedFile, block: string): string {
  const [before, after, ...others] = text.split(begin)
  const [, rest, ...otherEnds] = after?.split(end) ?? []
  if (before === undefined || rest === undefined || others.length > 0 || otherEnds.length > 0) {
    throw new Error(`${file} needs the line '${begin}' once, and the line '${end}' once after it`)
  }
  return before + block + rest
}
