import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf"
import type { MessageCodec } from "@farcall/protobuf"
import { AddressBookCodec, PersonCodec, SmallCodec, TinyCodec } from "../gen/shapes_codec.js"
import { AddressBookSchema, Person_PhoneType, PersonSchema, SmallSchema, TinySchema } from "../gen/shapes_pb.js"

/** A kind of message, with some values of it that differ. */
export interface Shape {
  readonly name: string
  readonly schema: DescMessage
  readonly codec: MessageCodec<unknown>
  readonly messages: readonly MessageShape<DescMessage>[]
}

/** How many different values are made of each shape, so that no one string is seen over and over. */
const VARIANTS = 16

/** From a few bytes to some kilobytes. */
export const shapes: readonly Shape[] = [
  shape("tiny", TinySchema, TinyCodec, (n) => ({ name: `Hello, ${n}!` })),
  shape("small", SmallSchema, SmallCodec, (n) => ({
    id: 1000 + n,
    title: `the ${n}th of some titles`,
    done: n % 2 === 0,
    score: n / 7,
    counts: [n, n * 300, 3, 4],
  })),
  shape("person", PersonSchema, PersonCodec, person),
  shape("large", AddressBookSchema, AddressBookCodec, (n) => ({
    owner: `owner ${n}`,
    people: Array.from({ length: 20 }, (_, i) => person(n * 20 + i)),
    readings: Array.from({ length: 100 }, (_, i) => n + i / 3),
    revisions: Array.from({ length: 100 }, (_, i) => BigInt(n) * 1_000_000_007n + BigInt(i)),
  })),
]

function person(n: number): MessageInitShape<typeof PersonSchema> {
  return {
    name: `Ada Lovelace the ${n}th`,
    id: 4000 + n,
    email: `ada.${n}@analytical-engine.example`,
    phones: [
      { number: `+44 20 7946 0${100 + n}`, type: Person_PhoneType.HOME },
      { number: `+44 7700 900${100 + n}`, type: Person_PhoneType.MOBILE },
    ],
    address: {
      street: `${n} St James's Square`,
      city: n % 3 === 0 ? "Zürich" : "London",
      postalCode: "SW1Y 4JH",
      latitude: 51.5 + n / 1000,
      longitude: -0.13,
    },
    labels: { team: `engine ${n % 5}`, role: "programmer" },
    updatedAt: 1_700_000_000_000n + BigInt(n),
    picture: new Uint8Array(32).fill(n),
  }
}

function shape<Desc extends DescMessage>(
  name: string,
  schema: Desc,
  codec: MessageCodec<MessageShape<Desc>, MessageInitShape<Desc>>,
  value: (n: number) => MessageInitShape<Desc>,
): Shape {
  const messages = Array.from({ length: VARIANTS }, (_, n) => create(schema, value(n)))
  return { name, schema, codec: codec as MessageCodec<unknown>, messages }
}
