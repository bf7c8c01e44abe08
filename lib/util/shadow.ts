/** Replaces a method of one object. As a method of a class, it can be replaced again and is not enumerable. */
export function shadow<T extends object> (target: T, name: keyof T, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: false, configurable: true, writable: true })
}
