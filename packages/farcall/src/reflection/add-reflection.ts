import type { DescFile, DescService } from "@bufbuild/protobuf"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import type { ServiceDefinition } from "../core/service.js"
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_grpc.js"
import { ServerReflection as ServerReflectionV1Alpha } from "../gen/grpc/reflection/v1alpha/reflection_grpc.js"
import { behind, type Server } from "../server/server.js"
import type { DescriptorIndex } from "./descriptor-index.js"
import { ReflectionStreams } from "./reflection-streams.js"

/** What is shown, beside what the services themselves bring. */
export interface ReflectionOptions {
  /**
   * Further files that clients may ask for, `file_…` of their `x_pb.ts`: those with extensions, which the files of the
   * services do not import. Default: none.
   */
  readonly files?: readonly DescFile[] | undefined
}

const reflectionOptions: KnownOptions<ReflectionOptions> = { files: "array" }

/**
 * Lets clients ask the server what it serves, by `grpc.reflection.v1` and `v1alpha`: the names of its services, and the
 * .proto files behind them. Those who can connect learn all of the contract, so it is off until it is added.
 *
 *     addReflection(server)
 *
 * Descriptors are loaded when the first client asks; those of services that are added later, before the server listens,
 * are there as well.
 * @throws TypeError when the server listens already
 */
export function addReflection(server: Server, options: ReflectionOptions = {}): void {
  checkOptions("addReflection", options, reflectionOptions)
  const { router, drainListeners } = behind(server)
  let index: Promise<DescriptorIndex> | undefined
  let indexed = 0
  const streams = new ReflectionStreams(() => {
    const services = [...router.services.values()]
    if (index === undefined || indexed < services.length) {
      indexed = services.length
      index = indexOf(services, options.files ?? [])
      // What could not be loaded may be there the next time.
      index.catch(() => (index = undefined))
    }
    return index
  })
  server.add(ServerReflection, { serverReflectionInfo: (requests) => streams.answer(requests) })
  server.add(ServerReflectionV1Alpha, { serverReflectionInfo: (requests) => streams.answer(requests) })
  drainListeners.push({ onDraining: () => {}, onDrainAnnounced: () => streams.end() })
}

async function indexOf(services: readonly ServiceDefinition[], files: readonly DescFile[]): Promise<DescriptorIndex> {
  const [{ DescriptorIndex }, ...descriptors] = await Promise.all([
    import("./descriptor-index.js"),
    ...services.map((service) => service.descriptor?.()),
  ])
  return new DescriptorIndex(
    services.map(({ typeName }) => typeName),
    descriptors.filter((descriptor) => descriptor !== undefined) as DescService[],
    files,
  )
}
