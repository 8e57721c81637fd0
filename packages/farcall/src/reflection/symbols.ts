import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from "@bufbuild/protobuf/wkt"

/** The full names of all that a file defines: messages and what is in them, enums and their values, extensions, services, methods. */
export function* symbolsIn(file: FileDescriptorProto): Generator<string> {
  const scope = scopeOf(file)
  for (const message of file.messageType) yield* symbolsInMessage(message, scope)
  for (const type of file.enumType) yield* symbolsInEnum(type, scope)
  for (const extension of file.extension) yield scope + extension.name
  for (const service of file.service) {
    yield scope + service.name
    for (const method of service.method) yield `${scope}${service.name}.${method.name}`
  }
}

/** The full names of all messages. */
export function* messagesIn(file: FileDescriptorProto): Generator<string> {
  for (const [message, scope] of nestedMessages(file.messageType, scopeOf(file))) yield scope + message.name
}

/** Of all extensions, wherever they are defined, the full name of the message that they extend and the number. */
export function* extensionsIn(file: FileDescriptorProto): Generator<[message: string, number: number]> {
  yield* extensionsOf(file.extension)
  for (const [message] of nestedMessages(file.messageType, "")) yield* extensionsOf(message.extension)
}

function scopeOf(file: FileDescriptorProto): string {
  return file.package === "" ? "" : `${file.package}.`
}

function* symbolsInMessage(message: DescriptorProto, outer: string): Generator<string> {
  const name = outer + message.name
  const scope = `${name}.`
  yield name
  for (const { name } of [...message.field, ...message.oneofDecl, ...message.extension]) yield scope + name
  for (const type of message.enumType) yield* symbolsInEnum(type, scope)
  for (const nested of message.nestedType) yield* symbolsInMessage(nested, scope)
}

/** Values stand beside their enum, not in it, as in C++. */
function* symbolsInEnum(type: EnumDescriptorProto, scope: string): Generator<string> {
  yield scope + type.name
  for (const value of type.value) yield scope + value.name
}

function* nestedMessages(
  messages: readonly DescriptorProto[],
  scope: string,
): Generator<[message: DescriptorProto, scope: string]> {
  for (const message of messages) {
    yield [message, scope]
    yield* nestedMessages(message.nestedType, `${scope}${message.name}.`)
  }
}

function* extensionsOf(extensions: readonly FieldDescriptorProto[]): Generator<[message: string, number: number]> {
  // A descriptor's names of types are absolute: `.package.Message`.
  for (const { extendee, number } of extensions) yield [extendee.replace(/^\./, ""), number]
}
