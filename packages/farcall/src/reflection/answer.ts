import { limits } from "../core/limits.js"
import { type ErrorStatusCode, statusCodes } from "../core/status.js"
import type { DescriptorIndex } from "./descriptor-index.js"
import type { ReflectedFile } from "./reflected-file.js"

/** What is asked: `message_request` of v1 and of v1alpha alike. */
export type Question =
  | { readonly case: NameQuestion; readonly value: string }
  | {
      readonly case: "fileContainingExtension"
      readonly value: { readonly containingType: string; readonly extensionNumber: number }
    }
  | { readonly case: undefined; readonly value?: undefined }

type NameQuestion = "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType" | "listServices"

/** `message_response` of either. */
export type Answer =
  | { case: "fileDescriptorResponse"; value: { fileDescriptorProto: Uint8Array[] } }
  | { case: "allExtensionNumbersResponse"; value: { baseTypeName: string; extensionNumber: number[] } }
  | { case: "listServicesResponse"; value: { service: { name: string }[] } }
  | { case: "errorResponse"; value: { errorCode: number; errorMessage: string } }

/**
 * Answers one question.
 * @param sent the files that this client has been given on this stream already; those that it is given now are added
 */
export function answer(question: Question, index: DescriptorIndex, sent: Set<ReflectedFile>): Answer {
  switch (question.case) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: index.services.map((name) => ({ name })) } }
    case "fileByFilename": {
      const { value } = question
      return fileAnswer(index.fileByName(value), sent, `there is no file ${JSON.stringify(value)} here`)
    }
    case "fileContainingSymbol": {
      const { value } = question
      if (!fullName.test(value)) return noName(value)
      const why = index.services.includes(value)
        ? `the service ${value} has no descriptor here: it does not come from a .proto`
        : `nothing here is called ${value}`
      return fileAnswer(index.fileOfSymbol(value), sent, why)
    }
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value
      if (!fullName.test(containingType)) return noName(containingType)
      const file = index.fileOfExtension(containingType, extensionNumber)
      return fileAnswer(file, sent, `no extension ${extensionNumber} of ${containingType} is known here`)
    }
    case "allExtensionNumbersOfType": {
      const { value } = question
      if (!fullName.test(value)) return noName(value)
      const numbers = index.extensionNumbersOf(value)
      if (numbers === undefined) return errorAnswer("NOT_FOUND", `no message here is called ${value}`)
      return { case: "allExtensionNumbersResponse", value: { baseTypeName: value, extensionNumber: [...numbers] } }
    }
    default:
      return errorAnswer("INVALID_ARGUMENT", "the request asks for nothing that is known here")
  }
}

export function errorAnswer(code: ErrorStatusCode, message: string): Answer {
  return { case: "errorResponse", value: { errorCode: statusCodes[code], errorMessage: message } }
}

const fullName = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/

function noName(value: string): Answer {
  return errorAnswer("INVALID_ARGUMENT", `${JSON.stringify(value)} is no name of the form package.Name`)
}

function fileAnswer(file: ReflectedFile | undefined, sent: Set<ReflectedFile>, otherwise: string): Answer {
  if (file === undefined) return errorAnswer("NOT_FOUND", otherwise)
  const files = filesToSend(file, sent)
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto: files.map(({ bytes }) => bytes) } }
}

/**
 * The file, and what it imports and the client has not got yet: it need not ask for each then. What would make the
 * response too long is left out, for clients ask for what they miss.
 */
function filesToSend(file: ReflectedFile, sent: Set<ReflectedFile>): readonly ReflectedFile[] {
  const files = new Set([file])
  sent.add(file)
  let size = file.bytes.length
  // A set that grows while it is walked is walked to its end.
  for (const { dependencies } of files) {
    for (const dependency of dependencies) {
      if (sent.has(dependency)) continue
      size += dependency.bytes.length
      if (size > limits.reflectionResponseSize) return [...files]
      sent.add(dependency)
      files.add(dependency)
    }
  }
  return [...files]
}
