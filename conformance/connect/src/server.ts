/**
 * The server that connectrpc/conformance tries: told on stdin how to start, it says on stdout where it listens. It runs
 * until it is ended.
 */
import { fromBinary, toBinary } from "@farcall/protobuf"
import { createServer, tls } from "farcall"
import { delimited, readDelimited } from "./delimited.js"
import {
  ServerCompatRequestCodec,
  ServerCompatResponseCodec,
} from "./gen/connectrpc/conformance/v1/conformance_codec.js"
import { ConformanceService } from "./gen/connectrpc/conformance/v1/conformance_grpc.js"
import { servicer } from "./servicer.js"

const { value: bytes } = await readDelimited(process.stdin).next()
if (bytes === undefined) throw new Error("stdin ended before it said how to start")
const { useTls, clientTlsCert, messageReceiveLimit, serverCreds } = fromBinary(ServerCompatRequestCodec, bytes)

const server = createServer({
  maxReceiveMessageLength: messageReceiveLimit === 0 ? undefined : messageReceiveLimit,
  // Towards clients that accept it.
  compression: "gzip",
})
server.add(ConformanceService, servicer)

const credentials =
  useTls && serverCreds !== undefined
    ? tls({
        cert: Buffer.from(serverCreds.cert),
        key: Buffer.from(serverCreds.key),
        ...(clientTlsCert.length > 0
          ? { ca: Buffer.from(clientTlsCert), clientCertificates: "require" as const }
          : undefined),
      })
    : undefined
const { port } = await server.listen("127.0.0.1:0", { credentials })
const pemCert = serverCreds?.cert ?? new Uint8Array(0)
process.stdout.write(delimited(toBinary(ServerCompatResponseCodec, { host: "127.0.0.1", port: port!, pemCert })))
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.shutdown({ graceMs: 0 }))
