import { parseArgs } from "node:util"

/** The flags of the peer programs: `--host`, `--port`, and a client's `--case`. */
export function peerFlags(): { address: string; case: string } {
  const { values } = parseArgs({
    options: {
      host: { type: "string", default: "localhost" },
      port: { type: "string", default: "0" },
      case: { type: "string", default: "" },
    },
  })
  return { address: `${values.host}:${values.port}`, case: values.case }
}
