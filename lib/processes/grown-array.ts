/** A longer copy of an array with at least this length. It grows by a quarter, since there are arrays for each slot. */
export function grownIds (array: Int32Array, length: number, fill: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(grownLength(array, length)).fill(fill, array.length)
  grown.set(array)
  return grown
}

/** As `grownIds`, for numbers that are 0 at first. */
export function grownCounts (array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(grownLength(array, length))
  grown.set(array)
  return grown
}

function grownLength (array: { readonly length: number }, length: number): number {
  return Math.max(length, array.length + (array.length >> 2), 8)
}
