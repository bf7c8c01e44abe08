import { inspect, types } from 'node:util'

/** The longest string that a message shows, in UTF-16 units. */
const MAX_STRING = 256
/** The maximum number of items of an array, or of properties of an object, that a message shows. */
const MAX_ITEMS = 10
/** The largest bigint that a message shows, 128 bits: converting a bigint to decimal takes quadratic time. */
const MAX_BIGINT = 2n ** 128n

/**
 * Formats a received value for a message, on one line: a string in double quotes, an object one level deep. The text is
 * short. The time does not depend on the size of a string, an array or a number. It never throws, because no getter,
 * proxy trap or method of the value is called.
 */
export function received (value: unknown): string {
  if (typeof value !== 'string') return show(value, 1)
  return value.length > MAX_STRING ? describeLength(value) : `the string ${JSON.stringify(value)}`
}

// A long string is not truncated: to slice a concatenated string, V8 first copies all of it.
function describeLength (text: string): string {
  return `a string of ${text.length} characters`
}

function show (value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string': return value.length > MAX_STRING ? `[${describeLength(value)}]` : inspect(value)
    case 'bigint': return value > MAX_BIGINT || value < -MAX_BIGINT ? '[a bigint of more than 128 bits]' : `${value}n`
    case 'symbol': return (value.description ?? '').length > MAX_STRING ? 'Symbol' : String(value)
    case 'function': return types.isProxy(value) ? '[Proxy]' : showFunction(value)
    case 'object': return value === null ? 'null' : showObject(value, depth)
    default: return String(value) // a number, a boolean or undefined
  }
}

function showFunction (value: object): string {
  const name = ownString(value, 'name')
  return name === '' ? '[Function]' : `[Function: ${name}]`
}

function showObject (value: object, depth: number): string {
  if (types.isProxy(value)) return '[Proxy]'
  if (types.isNativeError(value)) return `[${classOf(value)}: ${ownString(value, 'message')}]`
  if (types.isRegExp(value)) return showPattern(value)
  if (Array.isArray(value)) return depth < 0 ? '[Array]' : showItems(value, depth)
  // Listing their keys would create a string for every index.
  if (types.isBoxedPrimitive(value) || ArrayBuffer.isView(value)) return `[${classOf(value)}]`
  return depth < 0 ? `[${classOf(value)}]` : showProperties(value, depth)
}

// The built-in getter: a pattern may have an own property `source` with any value.
const sourceOf = Object.getOwnPropertyDescriptor(RegExp.prototype, 'source')?.get

function showPattern (pattern: RegExp): string {
  const source = String(sourceOf?.call(pattern))
  return source.length > MAX_STRING ? '[RegExp]' : `/${source}/`
}

function showItems (items: readonly unknown[], depth: number): string {
  const shown: string[] = []
  for (let i = 0; i < items.length && i < MAX_ITEMS; i++) shown.push(showProperty(items, String(i), depth - 1))
  return enclose('[]', shown, items.length)
}

function showProperties (value: object, depth: number): string {
  const names = Object.keys(value)
  const shown = names.slice(0, MAX_ITEMS).map(name => {
    const key = /^[a-z_$][\w$]{0,63}$/i.test(name) ? name : show(name, 0)
    return `${key}: ${showProperty(value, name, depth - 1)}`
  })
  const name = classOf(value)
  return `${name === 'Object' ? '' : `${name} `}${enclose('{}', shown, names.length)}`
}

function showProperty (owner: object, name: string, depth: number): string {
  const property = Object.getOwnPropertyDescriptor(owner, name)
  return property !== undefined && 'get' in property ? '[Getter]' : show(property?.value, depth)
}

function enclose (brackets: string, shown: string[], length: number): string {
  const [open, close] = brackets
  if (length > shown.length) shown.push(`... ${length - shown.length} more`)
  return shown.length === 0 ? brackets : `${open} ${shown.join(', ')} ${close}`
}

/** The name of the class of an object, read without calling its code. */
function classOf (value: object): string {
  let owner: object | null = value
  for (; owner !== null && !types.isProxy(owner); owner = Object.getPrototypeOf(owner)) {
    const constructor: unknown = Object.getOwnPropertyDescriptor(owner, 'constructor')?.value
    const name = typeof constructor === 'function' && !types.isProxy(constructor) ? ownString(constructor, 'name') : ''
    if (name !== '') return name
  }
  return 'Object'
}

/** An own property if it is a short string, otherwise `''`. */
function ownString (value: object, name: string): string {
  const text: unknown = Object.getOwnPropertyDescriptor(value, name)?.value
  return typeof text === 'string' && text.length <= MAX_STRING ? text : ''
}
