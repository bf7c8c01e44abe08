/**
 * Copies the own and inherited properties of an options object, and reads each of them once. Options are checked and
 * used as this copy: so both see the same value of a getter, and inherited options are not ignored. The copy has no
 * prototype.
 */
export function readProperties (options: object): Record<string, unknown> {
  const names = new Set(Reflect.ownKeys(options))
  let prototype = Object.getPrototypeOf(options)
  for (; prototype !== null && !isRoot(prototype); prototype = Object.getPrototypeOf(prototype)) {
    for (const name of Reflect.ownKeys(prototype)) {
      if (name !== 'constructor') names.add(name)
    }
  }
  const copy: Record<string | symbol, unknown> = Object.create(null)
  for (const name of names) copy[name] = (options as Readonly<Record<string | symbol, unknown>>)[name]
  return copy
}

/** Whether an object is the `Object.prototype` of any realm. Jest runs tests in another realm. */
function isRoot (prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
}
