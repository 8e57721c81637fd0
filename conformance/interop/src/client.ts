import { createChannel, createClient, insecure } from "farcall"
import { readFlags } from "./flags.js"
import { TestService } from "./gen/grpc/testing/test_grpc.js"
import { http2Cases } from "./http2-cases.js"

// gRPC's interoperability client: plays one test case against a server, and ends with 1 when it went otherwise.
try {
  const { server_host, server_port, server_host_override, test_case, use_tls } = readFlags(process.argv.slice(2))
  if (use_tls) throw new Error("this client speaks plaintext only")
  const play = Object.hasOwn(http2Cases, test_case) ? http2Cases[test_case] : undefined
  if (play === undefined) throw new Error(`there is no test case ${JSON.stringify(test_case)}`)
  await using channel = createChannel(`${server_host}:${server_port}`, {
    credentials: insecure(),
    authority: server_host_override || undefined,
  })
  await play(createClient(TestService, channel))
  console.log(`${test_case}: passed`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
