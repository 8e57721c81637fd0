import {
  create,
  type DescField,
  type DescMessage,
  type DescOneof,
  type Message,
  type MessageShape,
  type Registry,
} from "@bufbuild/protobuf"
import { anyPack, FeatureSet_FieldPresence, isWrapperDesc } from "@bufbuild/protobuf/wkt"
import * as fc from "fast-check"
import { enumValue, mapKey, scalarValue } from "./scalar.js"
import { jsonObject, wellKnown } from "./well-known.js"

/** What messages are made of. */
export interface ArbitraryOptions {
  /** How deep messages may stand within messages: 0 leaves all of them out that are not required. Default 2. */
  readonly depth?: number | undefined
  /** The messages that a `google.protobuf.Any` may hold. Default: none; an Any is empty. */
  readonly registry?: Registry | undefined
}

/**
 * Arbitrary messages of a type, for property tests with fast-check: every field may be set or not, to anything that it
 * can hold, well-known types to what they allow; extensions and unknown fields are left out. Failing messages shrink
 * towards the empty one.
 *
 *     fc.assert(fc.property(arbitraryOf(HelloRequestSchema), (request) => …))
 *
 * @param schema of the message, as `_pb.ts` exports it
 * @throws TypeError when it is none, or when a message requires itself; RangeError for a depth below 0
 */
export function arbitraryOf<Desc extends DescMessage>(
  schema: Desc,
  options: ArbitraryOptions = {},
): fc.Arbitrary<MessageShape<Desc>> {
  if (typeof schema !== "object" || schema === null || schema.kind !== "message") {
    throw new TypeError("arbitraryOf takes the schema of a message, which a _pb.ts module exports")
  }
  const { depth = 2 } = options
  if (!Number.isInteger(depth) || depth < 0) {
    throw new RangeError(`arbitraryOf: depth is ${String(depth)}, and must be an integer of at least 0`)
  }
  return new Messages(depth, options.registry).of(schema, depth) as fc.Arbitrary<MessageShape<Desc>>
}

/** How many fields of a message are set, more or less: of large messages a few, fewer yet of those within others. */
const FIELDS_SET = 8
const FIELDS_SET_WITHIN = 3

/** How long lists and maps become. */
const MOST_ELEMENTS = 8
const MOST_MESSAGES = 3

/** All messages that stand within one, made once for each depth that is left. */
class Messages {
  private readonly registry: Registry | undefined
  private readonly depth: number
  private readonly made: Map<DescMessage, fc.Arbitrary<Message>[]> = new Map()
  /** Those at the greatest depth that are being made: they are there because they are required. */
  private readonly required: Set<DescMessage> = new Set()

  constructor(depth: number, registry: Registry | undefined) {
    this.depth = depth
    this.registry = registry
  }

  /** @throws TypeError when it requires itself */
  of(schema: DescMessage, depth: number): fc.Arbitrary<Message> {
    let byDepth = this.made.get(schema)
    if (byDepth === undefined) this.made.set(schema, (byDepth = []))
    return (byDepth[depth] ??= this.make(schema, depth))
  }

  private make(schema: DescMessage, depth: number): fc.Arbitrary<Message> {
    const known = wellKnown(schema)
    if (known !== undefined) return known
    if (schema.typeName === "google.protobuf.Any") return this.any(schema, depth)
    if (depth === 0) {
      if (this.required.has(schema)) throw new TypeError(`arbitraryOf: every ${schema.typeName} requires another one`)
      this.required.add(schema)
    }
    const chance = (depth === this.depth ? FIELDS_SET : FIELDS_SET_WITHIN) / schema.members.length
    const members: Record<string, fc.Arbitrary<unknown>> = {}
    for (const member of schema.members) members[member.localName] = this.member(member, depth, Math.min(0.5, chance))
    this.required.delete(schema)
    return fc.record(members).map((init) => create(schema, init))
  }

  /** What an initialiser has for a field or a oneof; `undefined`: it is not set. */
  private member(member: DescField | DescOneof, depth: number, chance: number): fc.Arbitrary<unknown> {
    if (member.kind === "oneof") {
      const cases = member.fields
        .filter((field) => depth > 0 || field.message === undefined)
        .map((field) => this.value(field, depth).map((value) => ({ case: field.localName, value })))
      return cases.length === 0 ? unset : maybe(fc.oneof(...cases), 0.5)
    }
    const holdsMessages = member.message !== undefined && !standsForValues(member)
    if (member.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) return this.value(member, depth)
    if (holdsMessages && depth === 0) return unset
    const maxLength = holdsMessages ? MOST_MESSAGES : MOST_ELEMENTS
    const value = this.value(member, depth)
    if (member.fieldKind === "list") return maybe(fc.array(value, { maxLength }), chance)
    if (member.fieldKind !== "map") return maybe(value, chance)
    const entries = fc.array(fc.tuple(mapKey(member.mapKey), value), { maxLength })
    return maybe(
      entries.map((pairs) => Object.fromEntries(pairs)),
      chance,
    )
  }

  /** What a field, or an element of it, can be. */
  private value(field: DescField, depth: number): fc.Arbitrary<unknown> {
    if (field.enum !== undefined) return enumValue(field.enum)
    const { message } = field
    if (message === undefined) return scalarValue(field.scalar!, "longAsString" in field && field.longAsString)
    if (isStructInField(field)) return jsonObject
    if (isWrapperInField(field)) return scalarValue(message.fields[0]!.scalar!, false)
    return this.of(message, Math.max(0, depth - 1))
  }

  private any(schema: DescMessage, depth: number): fc.Arbitrary<Message> {
    const empty = fc.constant(undefined).map(() => create(schema))
    const types = [...(this.registry ?? [])].filter((type) => type.kind === "message")
    if (types.length === 0 || depth === 0) return empty
    const packed = fc
      .constantFrom(...types)
      .chain((type) => this.of(type, depth - 1).map((message) => anyPack(type, message)))
    return fc.oneof(empty, packed)
  }
}

const unset: fc.Arbitrary<undefined> = fc.constant(undefined)

/** Present by a chance; shrinks to absent. */
function maybe(value: fc.Arbitrary<unknown>, chance: number): fc.Arbitrary<unknown> {
  const present = Math.max(1, Math.round(chance * 100))
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: unset, weight: 100 - present },
    { arbitrary: value, weight: present },
  )
}

/** Whether a field of a message type holds what is no message: it is not one deeper. */
function standsForValues(field: DescField): boolean {
  return isStructInField(field) || isWrapperInField(field)
}

/** In a field, protobuf-es has a Struct as an object of JSON … */
function isStructInField(field: DescField): boolean {
  return field.message?.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value"
}

/** … and a wrapper, where it is alone in its field, as what it wraps. */
function isWrapperInField(field: DescField): boolean {
  return field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(field.message)
}
