import type { LoadClient } from "./load-client.js"

/** A client by its stack's name. Only that stack is loaded: what else there is on the heap costs time too. */
export async function connectStack(stack: string, address: string): Promise<LoadClient> {
  if (stack === "farcall") return (await import("./farcall-client.js")).farcallClient(address)
  return (await import("./grpc-js-client.js")).grpcJsClient(address)
}
