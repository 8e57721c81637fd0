import type { LoadClient } from "./load-client.js"

/** A client by its stack's name; `large`: its limits are raised for messages of megabytes. Only that stack is loaded: what else there is on the heap costs time too. */
export async function connectStack(stack: string, address: string, large = false): Promise<LoadClient> {
  if (stack === "farcall") return (await import("./farcall-client.js")).farcallClient(address, false, large)
  return (await import("./grpc-js-client.js")).grpcJsClient(address, large)
}
