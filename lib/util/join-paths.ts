/** A path below a prefix, with one slash between them, as Fastify joins the two. */
export function joinPaths (prefix: string, path: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) + path : prefix + path
}
