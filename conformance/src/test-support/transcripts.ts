/** Who implements a side: the name that GRPCDemo's texts carry. */
export type Implementation = "TypeScript" | "Python"

/** What a system's programs print when the client runs once against the server and the server is then interrupted. */
export interface Transcript {
  readonly client: readonly string[]
  readonly server: readonly string[]
}

export interface TranscriptOptions {
  readonly client: Implementation
  readonly server: Implementation
  readonly port: number
}

/** The six systems by folder, and what their programs print. */
export const transcripts: Readonly<Record<string, (options: TranscriptOptions) => Transcript>> = {
  digestor: () => ({
    client: [`Digested: "${digestOfTest}"`, "WasDigest: true"],
    server: ["Digestor Server running ...", digestOfTest, "Digestor Server Stopped ..."],
  }),
  "user-info": ({ port }) => ({
    client: ["Will try to greet world ...", "Greeter client received: Hello, you!"],
    server: [`Server started, listening on ${port}`],
  }),
  "stream-test": ({ port }) => ({
    client: ["-------------- RecordRoute --------------", "close!😢", "ok!🐧"],
    server: [`Server started, listening on ${port}`, "close", "a", "b"],
  }),
  "grpc-demo": ({ client, server }) => ({
    client: [
      "--------------Call SimpleMethod Begin--------------",
      `resp from server(1), the message=${server} server SimpleMethod Ok!!!!`,
      "--------------Call SimpleMethod Over---------------",
      "--------------Call ClientStreamingMethod Begin--------------",
      `resp from server(1), the message=${server} server ClientStreamingMethod ok`,
      "--------------Call ClientStreamingMethod Over---------------",
      "--------------Call ServerStreamingMethod Begin--------------",
      ...fiveOf((i) => `recv from server(1), message=send by ${server} server, message=${i}`),
      "--------------Call ServerStreamingMethod Over---------------",
      "--------------Call BidirectionalStreamingMethod Begin---------------",
      ...fiveOf((i) => `recv from server(1), message=send by ${server} server, message= ${i}`),
      "--------------Call BidirectionalStreamingMethod Over---------------",
    ],
    server: [
      `------------------start ${server} GRPC server`,
      `SimpleMethod called by client(1) the message: called by ${client} client`,
      "ClientStreamingMethod called by client...",
      ...fiveOf((i) => `recv from client(1), message= called by ${client} client, message:${i}`),
      `ServerStreamingMethod called by client(1), message= called by ${client} client`,
      "BidirectionalStreamingMethod called by client...",
      ...fiveOf((i) => `recv from client(1), message= called by ${client} client, message: ${i}`),
    ],
  }),
  "format-data": ({ port }) => ({
    client: ["received: HELLO,WORLD!"],
    server: [`Server started, listening on ${port}`],
  }),
  echo: ({ port }) => ({
    client: ["You said: Hello World!"],
    server: [`Server started, listening on ${port}`],
  }),
}

/** Flags with which the systems' servers have as many workers as the originals. */
export const workersOfOriginals: Readonly<Record<string, readonly string[]>> = {
  digestor: ["--workers", "5"],
  "format-data": ["--workers", "4"],
  echo: ["--workers", "10"],
}

/** What a client of peer.proto prints in each case, whoever plays it against whom. */
export const peerTranscripts: Readonly<Record<string, readonly string[]>> = {
  cancel: ["handler: waiting", "call: CANCELLED", "handler: ended"],
  deadline: ["time left: as sent", "handler: waiting", "call: DEADLINE_EXCEEDED", "handler: ended"],
  metadata: [
    "headers: one, two",
    `trailers: 256 bytes, ${Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("hex")}`,
    "trailers: 0 bytes, ",
  ],
  large: ["3145728 bytes, equal"],
  many: ["1000 right answers of 1000"],
  stream: ["received 10000, in order", "sent 10000, sum 49995000"],
  abort: [
    String.raw`FAILED_PRECONDITION: "Grüße, 100 %:\n„nicht jetzt“ 🐧"`,
    "type.googleapis.com/farcall.peer.Text: why: übermüdet",
  ],
}

const digestOfTest = "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"

function fiveOf(line: (i: number) => string): string[] {
  return [0, 1, 2, 3, 4].map(line)
}
