// Shapes of decoded messages. Most are plain object literals in the generated code. What needs more is here.

/**
 * A constructor of messages whose fields have explicit presence by their prototype, as `create()` makes them in proto2
 * and editions: the prototype has the defaults, an own property says that the field is set.
 */
export function messageClass<Message>(typeName: string, defaults: object): new () => Message {
  function MessageObject(this: { $typeName: string }): void {
    this.$typeName = typeName
  }
  MessageObject.prototype = defaults
  return MessageObject as unknown as new () => Message
}

/** Whether a field with explicit presence is set on a message or in an initialiser: a default of the prototype is not. */
export function isSet(message: object, field: string): boolean {
  return Object.hasOwn(message, field)
}

/** Sets an entry of a map. Assigning to `__proto__` would exchange the prototype, so that key is defined instead. */
export function setEntry<Value>(map: { [key: string]: Value }, key: string, value: Value): void {
  if (key.length === 9 && key === "__proto__")
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
  else map[key] = value
}

/**
 * A field of a wrapper type (`google.protobuf.Int32Value`) holds the plain value; when it comes a second time, the
 * reader of the wrapper message merges into the first.
 */
export function wrapped<Name extends string, Value>(
  $typeName: Name,
  value: Value | undefined,
): { $typeName: Name; value: Value } | undefined {
  return value === undefined ? undefined : { $typeName, value }
}
