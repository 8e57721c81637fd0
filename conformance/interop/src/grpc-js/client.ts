import { readFileSync } from "node:fs"
import { ChannelCredentials, type ClientOptions } from "@grpc/grpc-js"
import { clientFlags } from "../flags.js"
import { type Connect, cases } from "./cases.js"

// gRPC's interoperability client on grpc-js: plays test cases against a server, prints how each went, and ends with 1
// when one of them went otherwise than it should.

const flags = clientFlags(process.argv.slice(2))
const { server_host, server_port, server_host_override, use_tls, use_test_ca, ca_file } = flags
const credentials = use_tls
  ? ChannelCredentials.createSsl(use_test_ca ? readFileSync(ca_file) : null)
  : ChannelCredentials.createInsecure()
const common: ClientOptions = {
  // Channels of the same target share their connections otherwise, and channel_soak is about connections.
  "grpc.use_local_subchannel_pool": 1,
  ...(server_host_override === "" ? {} : { "grpc.ssl_target_name_override": server_host_override }),
}
const connect: Connect = (Service, options) =>
  new Service(`${server_host}:${server_port}`, credentials, { ...common, ...options })

for (const name of flags.test_case.split(",")) {
  const play = cases.get(name)
  try {
    if (play === undefined) throw new Error(`there is no test case ${JSON.stringify(name)}`)
    await play(connect, flags)
    console.log(`${name}: passed`)
  } catch (error) {
    process.exitCode = 1
    console.log(`${name}: failed: ${(error as Error).message.replace(/\s+/g, " ")}`)
  }
}
