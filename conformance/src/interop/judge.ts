import type { CaseName, Outcome, Pair, Verdict } from "./cell.js"

/**
 * What came of a cell. Every cell is run: one that cannot pass has to fail, and in the words that its mark expects, so
 * that a mark which no longer holds is found out.
 */
export function judge(name: CaseName, pair: Pair, tls: boolean, outcome: Outcome): Verdict {
  const mark = marks.find(
    (one) =>
      one.cases.includes(name) &&
      (one.client ?? pair.client) === pair.client &&
      (one.server ?? pair.server) === pair.server &&
      (one.tls ?? tls) === tls,
  )
  const note = mark?.note
  if (mark?.failsWith === undefined) {
    return outcome === undefined ? { kind: "passed", note } : { kind: "wrong", complaint: outcome }
  }
  if (outcome === undefined) return { kind: "wrong", complaint: `passed, though marked as one that cannot: ${note}` }
  return mark.failsWith.test(outcome) ? { kind: "cannot", note } : { kind: "wrong", complaint: outcome }
}

/** What is to be said of some cells; the first that fits one counts. A side, or TLS, that is left out is any. */
interface Mark extends Partial<Pair> {
  readonly cases: readonly CaseName[]
  readonly tls?: boolean
  readonly note: string
  /** How the case has to fail. Without it, it has to pass. */
  readonly failsWith?: RegExp
}

const clientCompressed = ["client_compressed_unary", "client_compressed_streaming"] as const
const serverCompressed = ["server_compressed_unary", "server_compressed_streaming"] as const
const notLookedAt = /the call ended OK, not INVALID_ARGUMENT/
const notCompressed = /responses that came compressed: \[false,false\], not \[true,false\]/

const marks: readonly Mark[] = [
  {
    cases: ["per_rpc_creds"],
    client: "ours",
    tls: false,
    failsWith: /UNAUTHENTICATED: .* is plaintext, over which call credentials are not sent/,
    note: "Farcall never sends call credentials in plaintext: the call ends UNAUTHENTICATED before anything is sent",
  },
  {
    cases: ["per_rpc_creds"],
    client: "grpcio",
    tls: false,
    failsWith: /UNAUTHENTICATED: .*sufficient security level/,
    note: "grpcio does not send call credentials in plaintext",
  },
  {
    cases: ["per_rpc_creds"],
    client: "grpc-go",
    tls: false,
    failsWith: /TLS credentials need to be set for per_rpc_creds/,
    note: "grpc-go's client plays it over TLS only",
  },
  {
    cases: ["per_rpc_creds"],
    client: "grpc-js",
    tls: false,
    note: "grpc-js sends call credentials in plaintext too",
  },
  {
    cases: ["per_rpc_creds"],
    server: "grpc-go",
    failsWith: /username: "", not/,
    note: "grpc-go's server looks at no credentials: the call passes with them, but nobody is named in its response",
  },
  {
    cases: [...clientCompressed, ...serverCompressed],
    client: "grpc-go",
    failsWith: /Unsupported test case/,
    note: "grpc-go's client does not have the case",
  },
  {
    cases: clientCompressed,
    server: "grpc-go",
    failsWith: /Decompressor is not installed for grpc-encoding "gzip"/,
    note: "grpc-go's interop server is built without compression",
  },
  {
    cases: serverCompressed,
    server: "grpc-go",
    failsWith: notCompressed,
    note: "grpc-go's interop server is built without compression",
  },
  {
    cases: clientCompressed,
    server: "grpcio",
    failsWith: notLookedAt,
    note: "grpcio does not tell a handler whether a request came compressed; what ours compresses it reads",
  },
  {
    cases: clientCompressed,
    server: "grpc-js",
    failsWith: notLookedAt,
    note: "grpc-js does not tell a handler whether a request came compressed; what ours compresses it reads",
  },
  {
    cases: serverCompressed,
    server: "grpc-js",
    failsWith: notCompressed,
    note: "servers on grpc-js do not compress responses",
  },
  {
    cases: ["client_compressed_streaming"],
    client: "grpcio",
    failsWith: /INVALID_ARGUMENT: the request came compressed/,
    note: "clients on grpcio compress all requests of a call or none",
  },
  {
    cases: serverCompressed,
    client: "grpcio",
    note: "grpcio does not tell a client whether a response came compressed: the payloads alone were looked at",
  },
  {
    cases: serverCompressed,
    client: "grpc-js",
    note: "grpc-js does not tell a client whether a response came compressed: the payloads alone were looked at",
  },
]
