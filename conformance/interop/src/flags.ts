import { fileURLToPath } from "node:url"

/** The flags of gRPC's interoperability clients. */
export interface ClientFlags {
  readonly server_host: string
  readonly server_port: string
  /** The name that the server's certificate must have and the `:authority` of the calls, where it is not the host. */
  readonly server_host_override: string
  /** One case, or several with commas between, which are played one after the other. */
  readonly test_case: string
  readonly use_tls: boolean
  /** Believes `ca_file` instead of the system's authorities. */
  readonly use_test_ca: boolean
  readonly ca_file: string
  /** JSON with the `client_email` that per_rpc_creds is to be known by, and the `access_token` that it shows. */
  readonly service_account_key_file: string
  readonly oauth_scope: string
  readonly soak_iterations: number
  readonly soak_max_failures: number
  readonly soak_per_iteration_max_acceptable_latency_ms: number
  readonly soak_overall_timeout_seconds: number
  readonly soak_min_time_ms_between_rpcs: number
  readonly soak_request_size: number
  readonly soak_response_size: number
  readonly soak_num_threads: number
}

/** The flags of gRPC's interoperability servers. */
export interface ServerFlags {
  /** 0 picks one. */
  readonly port: number
  readonly use_tls: boolean
  readonly tls_cert_file: string
  readonly tls_key_file: string
}

/** @throws Error for a flag that is not known, that lacks its value, or whose value is no number where one is due */
export function clientFlags(args: readonly string[]): ClientFlags {
  return readFlags(args, {
    server_host: "localhost",
    server_port: "8080",
    server_host_override: "",
    test_case: "",
    use_tls: false,
    use_test_ca: false,
    ca_file: certificate("authority.pem"),
    service_account_key_file: "",
    oauth_scope: "",
    soak_iterations: 10,
    soak_max_failures: 0,
    soak_per_iteration_max_acceptable_latency_ms: 1_000,
    soak_overall_timeout_seconds: 10,
    soak_min_time_ms_between_rpcs: 0,
    soak_request_size: 271_828,
    soak_response_size: 314_159,
    soak_num_threads: 1,
  })
}

/** @throws Error as `clientFlags` */
export function serverFlags(args: readonly string[]): ServerFlags {
  const [tls_cert_file, tls_key_file] = [certificate("server.pem"), certificate("server.key.pem")]
  return readFlags(args, { port: 8080, use_tls: false, tls_cert_file, tls_key_file })
}

/** One that the tests of this repository use. */
function certificate(name: string): string {
  return fileURLToPath(new URL(`../../../packages/farcall/src/test-support/certificates/${name}`, import.meta.url))
}

/** Reads `--name=value`, `--name value`, and `--name` alone for a boolean that is true. */
function readFlags<Flags extends Record<keyof Flags, string | number | boolean>>(
  args: readonly string[],
  defaults: Flags,
): Flags {
  const flags: Record<string, string | number | boolean> = { ...defaults }
  for (let i = 0; i < args.length; i++) {
    const [, name = "", inline] = /^--?([a-z0-9_]+)(?:=(.*))?$/s.exec(args[i]!) ?? []
    if (!Object.hasOwn(defaults, name)) throw new Error(`unknown flag ${args[i]}`)
    if (typeof flags[name] === "boolean") {
      const value = inline ?? (/^(true|false)$/i.test(args[i + 1] ?? "") ? args[++i]! : "true")
      flags[name] = value.toLowerCase() === "true"
      continue
    }
    const value = inline ?? args[++i]
    if (value === undefined) throw new Error(`--${name} needs a value`)
    if (typeof flags[name] === "number" && !/^\d+$/.test(value)) throw new Error(`--${name} needs a number`)
    flags[name] = typeof flags[name] === "number" ? Number(value) : value
  }
  return flags as Flags
}
