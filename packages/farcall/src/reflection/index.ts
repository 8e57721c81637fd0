export { ServerReflection, type ServerReflectionClient } from "../gen/grpc/reflection/v1/reflection_grpc.js"
export { addReflection, type ReflectionOptions } from "./add-reflection.js"
