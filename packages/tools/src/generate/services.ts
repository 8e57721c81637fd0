import type { DescFile, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf"
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt"
import { docText } from "./comments.js"
import { fileHead } from "./file-head.js"
import { modulePath } from "./module-path.js"
import type { ModuleLayout } from "./modules.js"
import { identifierOf, literalKey, methodNames, namesOf, propertyKey, safeConstant } from "./names.js"
import { Printer } from "./printer.js"

const FARCALL = "farcall"

/**
 * What `x_grpc.ts` is: the definition of each service, and the types of its clients and servicers. The descriptor in
 * `x_pb.ts` is imported when it is asked for, by reflection.
 */
export function generateServices(file: DescFile, layout: ModuleLayout): string {
  const printer = new Printer(modulePath(file, "grpc"), layout.extension)
  const services = file.services.map((service) => ({ service, names: chooseNames(service, printer) }))
  for (const { service, names } of services) printService(service, names, layout, printer)
  return printer.toString(fileHead(file))
}

interface ServiceNames {
  readonly definition: string
  /** A name for what would else be told in full wherever an editor or the compiler speaks of the service. */
  readonly methods: string
  readonly client: string
  readonly servicer: string
}

function chooseNames(service: DescService, printer: Printer): ServiceNames {
  const declare = (name: string): string => {
    let free = safeConstant(name)
    while (printer.isTaken(free)) free += "$"
    printer.declare(free)
    return free
  }
  const name = identifierOf(service)
  return {
    definition: declare(name),
    client: declare(`${name}Client`),
    servicer: declare(`${name}Servicer`),
    methods: declare(`${name}Methods`),
  }
}

function printService(service: DescService, names: ServiceNames, layout: ModuleLayout, printer: Printer): void {
  const schema = (message: DescMessage): string =>
    `${printer.type("MessageInitShape", "@bufbuild/protobuf")}<typeof ${printer.type(namesOf(message.file).schema(message), layout.types(message.file))}>`
  const shape = (message: DescMessage): string =>
    printer.type(namesOf(message.file).shape(message), layout.types(message.file))

  const keys = methodNames(service)
  const descriptor = namesOf(service.file).schema(service)

  const printTypes = (): void => {
    for (const method of service.methods) {
      const types = [
        JSON.stringify(kinds[method.methodKind]),
        shape(method.input),
        schema(method.input),
        shape(method.output),
        schema(method.output),
      ]
      printer.docComment(docText(method))
      printer.line(
        `${propertyKey(keys.get(method)!)}: ${printer.type("MethodDefinition", FARCALL)}<${types.join(", ")}>`,
      )
    }
  }
  printer.block(`type ${names.methods} = {`, printTypes, "}")
  printer.line()
  printer.docComment(docText(service))
  printer.line(`export const ${names.definition}: ${printer.type("ServiceDefinition", FARCALL)}<${names.methods}> = {`)
  printer.indented(() => {
    printer.line(`typeName: ${JSON.stringify(service.typeName)},`)
    const printMethods = (): void => {
      for (const [method, key] of keys) printMethod(method, key, layout, printer)
    }
    printer.block("methods: {", printMethods, "},")
    printer.line(
      `descriptor: () => import(${printer.path(layout.types(service.file))}).then((pb) => pb.${descriptor}),`,
    )
  })
  printer.line("}")
  printer.line()
  printer.line(`/** What calls ${service.typeName}. */`)
  printer.line(`export type ${names.client} = ${printer.type("Client", FARCALL)}<typeof ${names.definition}>`)
  printer.line()
  printer.line(`/** What implements ${service.typeName}. */`)
  printer.line(`export type ${names.servicer} = ${printer.type("Servicer", FARCALL)}<typeof ${names.definition}>`)
  printer.line()
}

function printMethod(method: DescMethod, key: string, layout: ModuleLayout, printer: Printer): void {
  const codec = (message: DescMessage): string =>
    printer.value(namesOf(message.file).codec(message).codec, layout.codecs(message.file))
  const properties = [
    `name: ${JSON.stringify(method.name)}`,
    `path: ${JSON.stringify(`/${method.parent.typeName}/${method.name}`)}`,
    `kind: ${JSON.stringify(kinds[method.methodKind])}`,
    `input: ${codec(method.input)}`,
    `output: ${codec(method.output)}`,
    `idempotency: ${idempotency(method)}`,
  ]
  if (method.deprecated) properties.push("deprecated: true")
  printer.line(`${literalKey(key)}: { ${properties.join(", ")} },`)
}

const kinds = {
  unary: "unary",
  client_streaming: "clientStreaming",
  server_streaming: "serverStreaming",
  bidi_streaming: "bidiStreaming",
} as const

function idempotency(method: DescMethod): string {
  if (method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) return '"NO_SIDE_EFFECTS"'
  if (method.idempotency === MethodOptions_IdempotencyLevel.IDEMPOTENT) return '"IDEMPOTENT"'
  return "undefined"
}
