import { join } from "node:path"
import { parseArgs } from "node:util"
import { type Credentials, insecure, tls } from "farcall"

/**
 * The flags of the peer programs: `--host`, `--port`, `--certificates` with a folder of those (then both sides show theirs,
 * over TLS), and a client's `--case`.
 */
export function peerFlags(): { address: string; case: string; credentials: Record<"server" | "client", Credentials> } {
  const { values } = parseArgs({
    options: {
      host: { type: "string", default: "localhost" },
      port: { type: "string", default: "0" },
      case: { type: "string", default: "" },
      certificates: { type: "string" },
    },
  })
  const credentialsOf = (name: string): Credentials =>
    values.certificates === undefined
      ? insecure()
      : tls({
          ca: join(values.certificates, "authority.pem"),
          cert: join(values.certificates, `${name}.pem`),
          key: join(values.certificates, `${name}.key.pem`),
          clientCertificates: "require",
        })
  const credentials = { server: credentialsOf("server"), client: credentialsOf("client") }
  return { address: `${values.host}:${values.port}`, case: values.case, credentials }
}
