/**
 * A value in a JSON document, with the way to it: for reading what others wrote, and saying of all that is wrong where it
 * stands. A value that is not what it should be is `undefined`, as one that is not there, and leaves a fault behind;
 * `null` counts as not there, as in protobuf's JSON.
 */
export class JsonPlace {
  readonly value: unknown
  /** What is wrong anywhere in the document, a sentence each. */
  readonly faults: string[]
  private readonly path: string
  private readonly fields = new Map<string, JsonPlace>()
  private faulty = false

  constructor(path: string, value: unknown, faults: string[] = []) {
    this.path = path
    this.value = value
    this.faults = faults
  }

  get there(): boolean {
    return this.value !== undefined && this.value !== null
  }

  /** Says what the value must be. Of one value only the first fault counts. */
  fault(must: string): undefined {
    if (!this.faulty) this.faults.push(`${this.path}: ${this.there ? `${shown(this.value)}: ` : ""}${must}`)
    this.faulty = true
  }

  required(): this {
    if (!this.there) this.fault("must be there")
    return this
  }

  /** The value of a key. An own one: `__proto__` and the like are keys as any. */
  field(name: string): JsonPlace {
    let field = this.fields.get(name)
    if (field === undefined) {
      const object = isObject(this.value) ? this.value : {}
      const value = Object.hasOwn(object, name) ? object[name] : undefined
      field = new JsonPlace(`${this.path}.${name}`, value, this.faults)
      this.fields.set(name, field)
    }
    return field
  }

  /** The place itself when it has an object. */
  object(): (this & { readonly value: object }) | undefined {
    if (isObject(this.value)) return this as this & { readonly value: object }
    return this.there ? this.fault("must be an object") : undefined
  }

  items(): readonly JsonPlace[] {
    if (Array.isArray(this.value)) {
      return this.value.map((item, i) => new JsonPlace(`${this.path}[${i}]`, item, this.faults))
    }
    if (this.there) this.fault("must be an array")
    return []
  }

  text(): string | undefined {
    if (typeof this.value === "string") return this.value
    return this.there ? this.fault("must be a string") : undefined
  }

  boolean(): boolean | undefined {
    if (typeof this.value === "boolean") return this.value
    return this.there ? this.fault("must be true or false") : undefined
  }

  integer(least: number, most: number = Number.POSITIVE_INFINITY): number | undefined {
    const { value } = this
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value
    if (!this.there) return undefined
    const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`
    return this.fault(`must be an integer ${range}`)
  }

  /** Something harmless in place of what is no number, for there is a fault then. */
  positiveNumber(): number {
    const { value } = this
    if (typeof value === "number" && value > 0 && value < Number.POSITIVE_INFINITY) return value
    this.fault("must be a number above 0")
    return 1
  }

  /** A duration in protobuf's JSON, `"1.5s"`, in milliseconds. */
  durationMs(): number | undefined {
    const { value } = this
    if (!this.there) return undefined
    if (typeof value !== "string" || !/^-?\d{1,12}(\.\d{1,9})?s$/.test(value)) {
      return this.fault('must be a duration, in seconds with an "s" behind: "1.5s"')
    }
    const ms = Number(value.slice(0, -1)) * 1e3
    return ms >= 0 ? ms : this.fault("must not be below 0 s")
  }

  positiveDurationMs(): number {
    const ms = this.durationMs()
    if (ms === 0) this.fault("must be above 0")
    return ms ?? 1
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  // JSON has no numbers that are not finite, and no undefined.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
