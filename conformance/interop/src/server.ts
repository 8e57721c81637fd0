import { createServer, insecure, tls } from "farcall"
import { serverFlags } from "./flags.js"
import { TestService } from "./gen/grpc/testing/test_grpc.js"
import { testServicer } from "./test-servicer.js"

// gRPC's interoperability server. SIGINT and SIGTERM end it.
try {
  const { port, use_tls, tls_cert_file, tls_key_file } = serverFlags(process.argv.slice(2))
  const server = createServer()
  server.add(TestService, testServicer)
  const credentials = use_tls ? tls({ cert: tls_cert_file, key: tls_key_file }) : insecure()
  const address = await server.listen(`[::]:${port}`, { credentials })
  console.log(`Server started, listening on ${address.port}`)
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void server.shutdown({ graceMs: 1_000 }))
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
