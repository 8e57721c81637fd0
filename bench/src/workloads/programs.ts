import { fileURLToPath } from "node:url"

/** The programs that the workloads start, by path. */
export const programs: Record<
  | "echoServer"
  | "farcallServer"
  | "grpcJsServer"
  | "fastifyServer"
  | "delayingProxy"
  | "neighbours"
  | "load"
  | "hold"
  | "testPairs"
  | "pricedServer"
  | "pricedClient"
  | "codecs"
  | "compileCorpus"
  | "compileHello"
  | "farcall"
  | "bundleCommands",
  string
> = {
  // The example as its users start it.
  echoServer: fileURLToPath(import.meta.resolve("@farcall/example-echo/server.js")),
  farcallServer: fileURLToPath(new URL("../stacks/farcall-server.js", import.meta.url)),
  grpcJsServer: fileURLToPath(new URL("../stacks/grpc-js-server.js", import.meta.url)),
  fastifyServer: fileURLToPath(new URL("../stacks/fastify-server.js", import.meta.url)),
  delayingProxy: fileURLToPath(new URL("../processes/delaying-proxy.js", import.meta.url)),
  neighbours: fileURLToPath(new URL("../processes/neighbours.js", import.meta.url)),
  load: fileURLToPath(new URL("../processes/load.js", import.meta.url)),
  hold: fileURLToPath(new URL("../processes/hold.js", import.meta.url)),
  testPairs: fileURLToPath(new URL("../processes/test-pairs.js", import.meta.url)),
  pricedServer: fileURLToPath(new URL("../processes/priced-server.js", import.meta.url)),
  pricedClient: fileURLToPath(new URL("../processes/priced-client.js", import.meta.url)),
  codecs: fileURLToPath(new URL("../processes/codecs.js", import.meta.url)),
  compileCorpus: fileURLToPath(new URL("../processes/compile-corpus.js", import.meta.url)),
  compileHello: fileURLToPath(new URL("../processes/compile-hello.js", import.meta.url)),
  // The command as it is published, and what makes it so.
  farcall: fileURLToPath(new URL("../commands/farcall.js", import.meta.url)),
  bundleCommands: fileURLToPath(new URL("../scripts/bundle-commands.mjs", import.meta.resolve("@farcall/tools"))),
}
