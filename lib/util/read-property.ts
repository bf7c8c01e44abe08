/** A property of an object from outside; `undefined` where reading it throws. */
export function readProperty (object: object, name: string): unknown {
  try {
    return Reflect.get(object, name)
  } catch {
    return undefined
  }
}
