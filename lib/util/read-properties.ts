/**
 * What an object of options says, own and inherited, each property read once. It is checked and used in this form: so a
 * class or a getter gives both the same values, and what an object inherits is not passed over. It has no prototype.
 */
export function readProperties (options: object): Record<string, unknown> {
  const names = new Set(Reflect.ownKeys(options))
  for (let at = Object.getPrototypeOf(options); at !== null && !isRoot(at); at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) {
      if (name !== 'constructor') names.add(name)
    }
  }
  const read: Record<string | symbol, unknown> = Object.create(null)
  for (const name of names) read[name] = (options as Readonly<Record<string | symbol, unknown>>)[name]
  return read
}

/** Whether it is `Object.prototype`, of this realm or of another, as in Jest. */
function isRoot (prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
}
