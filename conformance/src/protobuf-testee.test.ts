import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { fromBinary, toBinary } from "@farcall/protobuf"
import { respond } from "../protobuf/dist/respond.js"
import type { ConformanceRequest, ConformanceResponse, TestTypes } from "../protobuf/dist/test-types.js"
import { loadTestTypes } from "../protobuf/dist/test-types.js"

// The suite itself is a part of `npm run conformance`: its runner has to be fetched.

const testee = fileURLToPath(new URL("../protobuf/dist/testee.js", import.meta.url))

// conformance.proto's WireFormat.
const PROTOBUF = 1
const JSON_FORMAT = 2
const JSPB = 3
const TEXT_FORMAT = 4

function request(
  payload: ConformanceRequest["payload"],
  requestedOutputFormat: number,
  messageType: string = "protobuf_test_messages.proto3.TestAllTypesProto3",
): ConformanceRequest {
  return { payload, requestedOutputFormat, messageType, testCategory: 1, printUnknownFields: false }
}

const fortyTwo = Uint8Array.of(8, 42)

for (const codec of ["farcall", "protobuf-es"]) {
  describe(`the testee of protobuf's conformance suite, with the codecs of ${codec}`, () => {
    let types: TestTypes
    before(async () => {
      types = await loadTestTypes(codec)
    })

    const cases: [ConformanceRequest, ConformanceResponse["result"]][] = [
      [request({ case: "protobufPayload", value: fortyTwo }, PROTOBUF), { case: "protobufPayload", value: fortyTwo }],
      [
        request({ case: "protobufPayload", value: fortyTwo }, JSON_FORMAT),
        { case: "jsonPayload", value: '{"optionalInt32":42}' },
      ],
      [
        request({ case: "jsonPayload", value: '{"optionalInt32":42}' }, TEXT_FORMAT),
        { case: "textPayload", value: "optional_int32: 42\n" },
      ],
      [
        request({ case: "textPayload", value: "optional_int32: 0x2a" }, PROTOBUF),
        { case: "protobufPayload", value: fortyTwo },
      ],
      [request({ case: "jspbPayload", value: "[]" }, PROTOBUF), { case: "skipped", value: "input: jspbPayload" }],
      [
        request({ case: "protobufPayload", value: fortyTwo }, JSPB),
        { case: "skipped", value: `output format ${JSPB}` },
      ],
      [
        request({ case: "protobufPayload", value: fortyTwo }, PROTOBUF, "a.B"),
        { case: "runtimeError", value: "no message type a.B" },
      ],
    ]
    for (const [asked, result] of cases) {
      it(`answers ${asked.payload.case} of ${asked.messageType} with ${result.case}`, () => {
        assert.deepEqual(respond(asked, types), { result })
      })
    }

    it("says that it cannot parse, and that it cannot serialise", () => {
      const parse = respond(request({ case: "protobufPayload", value: Uint8Array.of(8) }, PROTOBUF), types)
      assert.equal(parse.result.case, "parseError")
      // google.protobuf.Timestamp, beyond the year 9999.
      const late = Uint8Array.of(0xf2, 0x12, 7, 8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40)
      const serialise = respond(request({ case: "protobufPayload", value: late }, JSON_FORMAT), types)
      assert.equal(serialise.result.case, "serializeError")
    })
  })
}

describe("the testee as a program", () => {
  it("reads requests behind their lengths until stdin ends, and answers each", async () => {
    const types = await loadTestTypes("farcall")
    const framed = (message: Uint8Array): Buffer => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(message.length)
      return Buffer.concat([length, message])
    }
    const asked = request({ case: "protobufPayload", value: fortyTwo }, PROTOBUF)
    const bytes = toBinary(types.request, asked as never)
    const { status, stdout } = spawnSync(process.execPath, [testee], {
      input: Buffer.concat([framed(bytes), framed(bytes)]),
    })
    assert.equal(status, 0)
    const answer = framed(toBinary(types.response, { result: { case: "protobufPayload", value: fortyTwo } }))
    assert.deepEqual(stdout, Buffer.concat([answer, answer]))
    assert.deepEqual((fromBinary(types.request, bytes) as ConformanceRequest).payload, asked.payload)
  })

  it("ends with an error when it is told of codecs that there are not", () => {
    const { status, stderr } = spawnSync(process.execPath, [testee, "--codec", "other"], { encoding: "utf8" })
    assert.notEqual(status, 0)
    assert.match(stderr, /--codec other: there are farcall and protobuf-es/)
  })
})
