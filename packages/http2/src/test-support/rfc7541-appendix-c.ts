import type { HeaderFields } from "../hpack/header-block.js"

/** One header block of an example, and the dynamic table it leaves behind, newest entry first, flat. */
interface ExampleBlock {
  readonly hex: string
  readonly fields: HeaderFields
  readonly table: HeaderFields
  /** What the table counts (bytes). */
  readonly tableSize: number
}

/** The blocks of one connection. */
export interface Example {
  readonly section: string
  readonly maxTableSize: number
  readonly huffman: boolean
  readonly blocks: readonly ExampleBlock[]
}

const firstRequest = [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "www.example.com"]
const secondRequest = [...firstRequest, "cache-control", "no-cache"]
const thirdRequest = [
  ...[":method", "GET", ":scheme", "https", ":path", "/index.html", ":authority", "www.example.com"],
  ...["custom-key", "custom-value"],
]
const requestTables = [
  [":authority", "www.example.com"],
  ["cache-control", "no-cache", ":authority", "www.example.com"],
  ["custom-key", "custom-value", "cache-control", "no-cache", ":authority", "www.example.com"],
]
const firstDate = "Mon, 21 Oct 2013 20:13:21 GMT"
const thirdDate = "Mon, 21 Oct 2013 20:13:22 GMT"
const location = "https://www.example.com"
const setCookie = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
const responses = [
  [":status", "302", "cache-control", "private", "date", firstDate, "location", location],
  [":status", "307", "cache-control", "private", "date", firstDate, "location", location],
  [
    ...[":status", "200", "cache-control", "private", "date", thirdDate, "location", location],
    ...["content-encoding", "gzip", "set-cookie", setCookie],
  ],
]
const responseTables = [
  ["location", location, "date", firstDate, "cache-control", "private", ":status", "302"],
  [":status", "307", "location", location, "date", firstDate, "cache-control", "private"],
  ["set-cookie", setCookie, "content-encoding", "gzip", "date", thirdDate],
]

/** RFC 7541 appendix C.2 to C.6. */
export const examples: readonly Example[] = [
  single("C.2.1", "400a637573746f6d2d6b65790d637573746f6d2d686561646572", ["custom-key", "custom-header"], true, 55),
  single("C.2.2", "040c2f73616d706c652f70617468", [":path", "/sample/path"], false, 0),
  single("C.2.3", "100870617373776f726406736563726574", ["password", "secret"], false, 0),
  single("C.2.4", "82", [":method", "GET"], false, 0),
  requests("C.3", false, [
    "828684410f7777772e6578616d706c652e636f6d",
    "828684be58086e6f2d6361636865",
    "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
  ]),
  requests("C.4", true, [
    "828684418cf1e3c2e5f23a6ba0ab90f4ff",
    "828684be5886a8eb10649cbf",
    "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
  ]),
  answers("C.5", false, [
    "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54" +
      "6e1768747470733a2f2f7777772e6578616d706c652e636f6d",
    "4803333037c1c0bf",
    "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b4851" +
      "4b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
  ]),
  answers("C.6", true, [
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
    "4883640effc1c0bf",
    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f36" +
      "72c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
  ]),
]

function single(section: string, hex: string, fields: HeaderFields, indexed: boolean, tableSize: number): Example {
  return {
    section,
    maxTableSize: 4096,
    huffman: false,
    blocks: [{ hex, fields, table: indexed ? fields : [], tableSize }],
  }
}

function requests(section: string, huffman: boolean, hex: readonly string[]): Example {
  return {
    section,
    maxTableSize: 4096,
    huffman,
    blocks: [
      { hex: hex[0], fields: firstRequest, table: requestTables[0], tableSize: 57 },
      { hex: hex[1], fields: secondRequest, table: requestTables[1], tableSize: 110 },
      { hex: hex[2], fields: thirdRequest, table: requestTables[2], tableSize: 164 },
    ],
  }
}

function answers(section: string, huffman: boolean, hex: readonly string[]): Example {
  return {
    section,
    maxTableSize: 256,
    huffman,
    blocks: [
      { hex: hex[0], fields: responses[0], table: responseTables[0], tableSize: 222 },
      { hex: hex[1], fields: responses[1], table: responseTables[1], tableSize: 222 },
      { hex: hex[2], fields: responses[2], table: responseTables[2], tableSize: 215 },
    ],
  }
}
