/** Joins a prefix and a path with one slash between them, as Fastify does. */
export function joinPaths (prefix: string, path: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) + path : prefix + path
}
