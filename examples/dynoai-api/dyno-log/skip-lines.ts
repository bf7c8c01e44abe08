/** Drops the first lines of a text, whose quotation marks a parser would not read as the author meant them. */
export async function * skipLines (chunks: AsyncIterable<string>, count: number): AsyncGenerator<string> {
  let left = count
  let carried = ''
  for await (const chunk of chunks) {
    if (left === 0) {
      yield chunk
      continue
    }
    let text = carried + chunk
    // A line feed at the start of the next chunk would belong to this end of a line.
    carried = text.endsWith('\r') ? '\r' : ''
    text = text.slice(0, text.length - carried.length)
    let start = 0
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) {
      if (left === 0) break
      left--
      start = index + end.length
    }
    if (left > 0) continue
    yield text.slice(start) + carried
    carried = ''
  }
}
