import { fileURLToPath } from "node:url"
import { type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js"
import { loadSync } from "@grpc/proto-loader"

const protos = [
  fileURLToPath(new URL("../proto/echo.proto", import.meta.resolve("@farcall/example-echo/servicer.js"))),
  fileURLToPath(new URL("../../proto/greeter.proto", import.meta.url)),
  fileURLToPath(new URL("../../proto/load.proto", import.meta.url)),
]

const packages = loadPackageDefinition(loadSync(protos, { keepCase: false, longs: String, defaults: true }))

export const Echo = (packages["echo"] as GrpcObject)["Echo"] as ServiceClientConstructor
const ours = (packages["farcall"] as GrpcObject)["bench"] as GrpcObject
export const Greeter = ours["Greeter"] as ServiceClientConstructor
export const Load = ours["Load"] as ServiceClientConstructor
