import type { HeaderFields } from "../hpack/header-block.js"

/** Numbers that are the same for the same seed: integers below a bound, and picks from a list. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  below(bound: number): number {
    // xorshift with a multiplication at the end: good enough to vary tests.
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (Math.imul(this.#state, 0x9e3779b1) >>> 0) % bound
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0
  }

  bytes(maxLength: number): string {
    return String.fromCharCode(...Array.from({ length: this.below(maxLength + 1) }, () => this.below(256)))
  }

  text(maxLength: number): string {
    const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_/.%=, ABCXYZ"
    return Array.from({ length: this.below(maxLength + 1) }, () => this.pick([...letters])).join("")
  }
}

const paths = ["/helloworld.Greeter/SayHello", "/grpc.health.v1.Health/Check", "/package.Service/Method"]
const agents = ["grpc-node-js/1.14.0", "grpc-c++/1.51.1", "grpc-python/1.85.1 grpc-c/50.0.0"]

/** A header list as gRPC peers send them, with now and then something that nobody sends. Pseudo-headers come first. */
export function seededHeaderList(random: SeededRandom): HeaderFields {
  const fields = random.chance(3)
    ? [":status", random.pick(["200", "404", "418", "503"]), "content-type", "application/grpc"]
    : [
        ":method",
        "POST",
        ":scheme",
        "http",
        ":path",
        random.pick(paths),
        ":authority",
        random.pick(["a:1", "localhost"]),
      ]
  if (!random.chance(3)) fields.push("te", "trailers", "content-type", "application/grpc+proto")
  if (!random.chance(3)) fields.push("user-agent", random.pick(agents), "grpc-accept-encoding", "identity,deflate,gzip")
  if (random.chance(2)) fields.push("grpc-timeout", `${random.below(100_000)}m`)
  if (random.chance(4)) fields.push("authorization", `Bearer x${random.text(200)}`)
  if (random.chance(8)) fields.push("x-secret", `s${random.text(20)}`)
  if (random.chance(4)) fields.push("x-tenant", random.pick(["red", "green", "blue"]))
  if (random.chance(3)) fields.push(`x-${random.text(10)}`.toLowerCase(), random.text(80))
  if (random.chance(6)) fields.push(`bytes-${random.below(5)}`, random.bytes(random.pick([10, 100, 1000])))
  if (random.chance(30)) fields.push("large-bin", random.text(6000))
  if (random.chance(4)) fields.push("grpc-status", String(random.below(17)), "grpc-message", random.text(60))
  return fields
}

/** Now and then some new limits of the dynamic table, else none. */
export function seededTableLimits(random: SeededRandom): number[] {
  if (!random.chance(20)) return []
  return Array.from({ length: 1 + random.below(3) }, () => random.pick([0, 64, 200, random.below(5000), 4096, 10_000]))
}
