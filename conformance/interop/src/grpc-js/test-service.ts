import { fileURLToPath } from "node:url"
import { type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js"
import { loadSync } from "@grpc/proto-loader"

const protos = fileURLToPath(new URL("../../proto", import.meta.url))
const definitions = loadSync("grpc/testing/test.proto", { includeDirs: [protos], defaults: true })
const testing = (loadPackageDefinition(definitions)["grpc"] as GrpcObject)["testing"] as GrpcObject

/** What proto-loader and grpc-js make of the test service: methods and messages without types. */
export const TestService = testing["TestService"] as ServiceClientConstructor
export const UnimplementedService = testing["UnimplementedService"] as ServiceClientConstructor

/** The messages as far as they are read, by proto-loader's names. */
export interface Payload {
  readonly body: Buffer
}

export interface SimpleRequest {
  readonly responseSize: number
  readonly responseStatus: EchoStatus | null
  readonly fillUsername: boolean
  readonly fillOauthScope: boolean
}

export interface SimpleResponse {
  readonly payload: Payload | null
  readonly username: string
  readonly oauthScope: string
}

export interface EchoStatus {
  readonly code: number
  readonly message: string
}

export interface OutputRequest {
  readonly responseParameters: readonly { readonly size: number; readonly intervalUs: number }[]
  readonly responseStatus: EchoStatus | null
}

export interface OutputResponse {
  readonly payload: Payload | null
}

export interface InputRequest {
  readonly payload: Payload | null
}

export interface InputResponse {
  readonly aggregatedPayloadSize: number
}
