/** Reads a property of an external object. Returns `undefined` if reading it throws. */
export function readProperty (object: object, name: string): unknown {
  try {
    return Reflect.get(object, name)
  } catch {
    return undefined
  }
}
