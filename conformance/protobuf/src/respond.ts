import { fromJsonString, type Message, toJsonString } from "@bufbuild/protobuf"
import { textToBinary, toText } from "@farcall/tools"
import type { ConformanceRequest, ConformanceResponse, TestType, TestTypes } from "./test-types.js"

type Result = ConformanceResponse["result"]

// conformance.proto's WireFormat and TestCategory.
const PROTOBUF = 1
const JSON_FORMAT = 2
const TEXT_FORMAT = 4
const JSON_IGNORE_UNKNOWN_PARSING_TEST = 3

/** Converts the payload of a request as it asks. */
export function respond(request: ConformanceRequest, types: TestTypes): ConformanceResponse {
  return { result: resultOf(request, types) }
}

function resultOf(request: ConformanceRequest, types: TestTypes): Result {
  const type = types.byName.get(request.messageType)
  if (type === undefined) return { case: "runtimeError", value: `no message type ${request.messageType}` }
  let message: Message
  try {
    message = parse(request, type, types)
  } catch (error) {
    return error instanceof Skipped ? skipped(error) : { case: "parseError", value: String(error) }
  }
  try {
    return serialise(request, message, type, types)
  } catch (error) {
    return error instanceof Skipped ? skipped(error) : { case: "serializeError", value: String(error) }
  }
}

function parse({ payload, testCategory }: ConformanceRequest, { schema, read }: TestType, types: TestTypes): Message {
  switch (payload.case) {
    case "protobufPayload":
      return read(payload.value)
    case "jsonPayload":
      return fromJsonString(schema, payload.value, {
        registry: types.registry,
        ignoreUnknownFields: testCategory === JSON_IGNORE_UNKNOWN_PARSING_TEST,
      })
    case "textPayload":
      return read(textToBinary(schema, payload.value, types))
    default:
      throw new Skipped(`input: ${payload.case}`)
  }
}

function serialise(
  request: ConformanceRequest,
  message: Message,
  { schema, write }: TestType,
  types: TestTypes,
): Result {
  switch (request.requestedOutputFormat) {
    case PROTOBUF:
      return { case: "protobufPayload", value: write(message) }
    case JSON_FORMAT:
      return { case: "jsonPayload", value: toJsonString(schema, message, { registry: types.registry }) }
    case TEXT_FORMAT:
      return {
        case: "textPayload",
        value: toText(schema, message, { registry: types.registry, unknownFields: request.printUnknownFields }),
      }
    default:
      throw new Skipped(`output format ${request.requestedOutputFormat}`)
  }
}

class Skipped extends Error {}

function skipped({ message }: Skipped): Result {
  return { case: "skipped", value: message }
}
