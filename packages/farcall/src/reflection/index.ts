export { ServerReflection, type ServerReflectionClient } from "../gen/grpc/reflection/v1/reflection_grpc.js"
export {
  ServerReflection as ServerReflectionV1Alpha,
  type ServerReflectionClient as ServerReflectionV1AlphaClient,
} from "../gen/grpc/reflection/v1alpha/reflection_grpc.js"
export { addReflection, type ReflectionOptions } from "./add-reflection.js"
