import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf"
import {
  BlobSchema,
  DemoSchema,
  Mixed_Status,
  MixedSchema,
  type Nested_PersonSchema,
  NestedSchema,
  NumbersSchema,
  Phone_Kind,
  StringsSchema,
  TinySchema,
} from "../gen/shapes_pb.js"

/** A kind of message, with the bytes of some values of it that differ. */
export interface Shape {
  readonly name: ShapeName
  readonly schema: DescMessage
  readonly encoded: readonly Uint8Array[]
}

export type ShapeName = "tiny" | "demo" | "strings" | "mixed" | "nested" | "numbers" | "blob"

/** The name of each shape's message in bench/proto/shapes.proto. */
export const messageNames: Readonly<Record<ShapeName, string>> = {
  tiny: "Tiny",
  demo: "Demo",
  strings: "Strings",
  mixed: "Mixed",
  nested: "Nested",
  numbers: "Numbers",
  blob: "Blob",
}

/** How many different values are made of each shape, so that no one string is seen over and over. */
const VARIANTS = 16

/** All shapes, from a few bytes to hundreds of kilobytes. */
export function makeShapes(): Shape[] {
  return [
    shape("tiny", TinySchema, (n) => ({ name: `Hello, ${10 + n}!` })),
    shape("demo", DemoSchema, (n) => ({
      clientId: BigInt(n + 1),
      requestData: `called by TypeScript client ${10 + n}`,
    })),
    shape("strings", StringsSchema, (n) => ({
      first: "Augusta",
      last: `King-Noel, Lovelace ${10 + n}`,
      email: `ada${10 + n}@example.org`,
      city: n % 3 === 0 ? "Zürich" : "London",
      phone: `+44 20 7946 01${10 + n}`,
    })),
    shape("mixed", MixedSchema, mixed),
    shape("nested", NestedSchema, (n) => ({
      title: `Organisation ${n}`,
      departments: Array.from({ length: 12 }, (_, i) => ({
        name: `Department of ${words[(n + i) % words.length]}`,
        costCentre: 1000 + i,
        people: Array.from({ length: 33 }, (_, k) => person(n * 500 + i * 40 + k)),
      })),
    })),
    shape("numbers", NumbersSchema, (n) => ({
      int32s: numbers(200, (i) => (i % 3 === 0 ? i : i * 1000 + n)),
      uint32s: numbers(200, (i) => i * 37 + n),
      sint32s: numbers(200, (i) => (i % 2 === 0 ? -i * 50 : i) - n),
      int64s: numbers(200, (i) => BigInt(i * n) * 1_000_000_007n),
      fixed32s: numbers(200, (i) => i * 20_000_000 + n),
      doubles: numbers(200, (i) => i / 3 + n),
      floats: numbers(200, (i) => Math.fround(i / 3 + n)),
      bools: numbers(200, (i) => (i + n) % 3 === 0),
    })),
    shape("blob", BlobSchema, (n) => ({ name: `picture-${10 + n}.jpg`, content: new Uint8Array(262_144).fill(n) })),
  ]
}

const words = ["analysis", "engines", "looms", "navigation", "poetry", "tables"]
const towns = ["London", "Zürich", "São Paulo", "Turin"]

function mixed(n: number): MessageInitShape<typeof MixedSchema> {
  return {
    name: `Ada Lovelace the ${10 + n}th`,
    id: 4000 + n,
    nickname: `enchantress ${10 + n}`,
    phones: [
      { number: `+44 20 7946 0${100 + n}`, kind: Phone_Kind.HOME },
      { number: `+44 7700 900${100 + n}`, kind: Phone_Kind.MOBILE },
    ],
    address: address(n),
    labels: { team: `engine ${n % 5}`, role: "programmer", site: "St James's Square" },
    offices: { 1: address(n + 1), 2: address(n + 2) },
    updatedAt: 1_700_000_000_000n + BigInt(n),
    // No more than 53 bits: google-protobuf rounds what has more.
    hash: 0x1f_dead_beef_ca00n + BigInt(n),
    picture: new Uint8Array(96).fill(n),
    scores: numbers(40, (i) => (i % 5 === 0 ? 100_000 + i * n : i * 3)),
    readings: numbers(20, (i) => n + i / 3),
    tags: numbers(6, (i) => `${words[i % words.length]}-${n}`),
    status: Mixed_Status.EMPLOYED,
    active: n % 2 === 0,
    delta: -500 - n,
    token: 0x11_2233_4455_6677n + BigInt(n),
    ratio: n / 8,
    contact: contact(n),
    notes: `Wrote the notes on Menabrea's article on the Analytical Engine, of which note G, on how it would compute Bernoulli's numbers, holds what is called the first program. The notes are three times as long as the article. Copy number ${100 + n}.`,
  }
}

function contact(n: number): MessageInitShape<typeof MixedSchema>["contact"] & object {
  if (n % 3 === 0) return { case: "chat", value: `@ada${n}` }
  if (n % 3 === 1) return { case: "postal", value: address(n + 3) }
  return { case: "pager", value: 5_551_234_567n + BigInt(n) }
}

function person(n: number): MessageInitShape<typeof Nested_PersonSchema> {
  return {
    name: `Ada Lovelace the ${n}th`,
    id: 4000 + n,
    email: `ada.${n}@analytical-engine.example`,
    phones: numbers(1 + (n % 2), (i) => ({ number: `+44 20 7946 ${1000 + n + i}`, kind: Phone_Kind.HOME })),
    address: address(n),
    since: 1_700_000_000n + BigInt(n),
  }
}

function address(n: number): {
  street: string
  city: string
  postalCode: string
  latitude: number
  longitude: number
} {
  return {
    street: `${n} St James's Square`,
    city: towns[n % towns.length]!,
    postalCode: "SW1Y 4JH",
    latitude: 51.5 + n / 1000,
    longitude: -0.13,
  }
}

function numbers<Value>(length: number, value: (i: number) => Value): Value[] {
  return Array.from({ length }, (_, i) => value(i))
}

function shape<Desc extends DescMessage>(
  name: ShapeName,
  schema: Desc,
  value: (n: number) => MessageInitShape<Desc>,
): Shape {
  return { name, schema, encoded: numbers(VARIANTS, (n) => toBinary(schema, create(schema, value(n)))) }
}
