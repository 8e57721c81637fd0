/** The flags of gRPC's interoperability clients. */
export interface ClientFlags {
  readonly server_host: string
  readonly server_port: string
  /** The `:authority` of the calls, where it is to be another one than host and port. */
  readonly server_host_override: string
  readonly test_case: string
  readonly use_tls: boolean
  readonly use_test_ca: boolean
  readonly ca_file: string
}

/**
 * Reads `--name=value`, `--name value`, and `--name` alone for a boolean that is true.
 * @throws Error for a flag that is not known, or that lacks its value
 */
export function readFlags(args: readonly string[]): ClientFlags {
  const texts = { server_host: "localhost", server_port: "8080", server_host_override: "", test_case: "", ca_file: "" }
  const booleans = { use_tls: false, use_test_ca: false }
  for (let i = 0; i < args.length; i++) {
    const [, name, inline] = /^--?([a-z_]+)(?:=(.*))?$/s.exec(args[i]!) ?? []
    if (isIn(booleans, name)) {
      const value = inline ?? (/^(true|false)$/i.test(args[i + 1] ?? "") ? args[++i]! : "true")
      booleans[name] = value.toLowerCase() === "true"
    } else if (isIn(texts, name)) {
      const value = inline ?? args[++i]
      if (value === undefined) throw new Error(`--${name} needs a value`)
      texts[name] = value
    } else throw new Error(`unknown flag ${args[i]}`)
  }
  return { ...texts, ...booleans }
}

function isIn<Table extends object>(table: Table, name: string | undefined): name is keyof Table & string {
  return name !== undefined && Object.hasOwn(table, name)
}
