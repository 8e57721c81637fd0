import type { Way } from "./way.js"

/** Nobody waits for the other side: the call is over here, then there. */
export const cancelledCall: Way = {
  name: "cancelled-call",
  title: "The way of a cancelled call: it ends in the client at once, and the server is told",
  forth: "the word that it is over",
  back: "what is let go of",
  left: {
    head: "client",
    stops: [
      { name: "your program", says: "abortion.abort(); or chat.cancel(); or it leaves its loop", forth: [], back: [] },
      {
        file: "core/abort-listeners.ts",
        forth: ["abort"],
        says: "all calls that share a signal listen to it by one listener",
      },
      {
        file: "client/unary-call.ts",
        back: ["onFinish"],
        says: "the promise rejects; client/streaming-call.ts ends its queues",
      },
      {
        file: "client/call.ts",
        forth: ["onAborted", "cancel", "endHere"],
        back: ["finish"],
        says: "the one end of every call; a deadline that passes comes the same way",
      },
      {
        file: "client/balanced-channel.ts",
        forth: ["withdraw"],
        optional: true,
        says: "one that has no stream yet leaves the queue: nothing more happens",
      },
      {
        file: "client/retry.ts",
        forth: ["cancel"],
        optional: true,
        says: "where a policy allows for several attempts, all of them end",
      },
      {
        file: "transport/grpc-client-stream.ts",
        forth: ["cancel"],
        says: "it tells its listener nothing more; what (un)compresses stops",
      },
      {
        file: "transport/http2-session.ts",
        forth: ["reset"],
        says: "notes who has ended the stream, for who looks in",
      },
      {
        file: "http2/src/connection.ts",
        forth: ["reset"],
        says: "what is queued of it is dropped, and what still comes passed over",
      },
    ],
  },
  right: {
    head: "server",
    stops: [
      {
        name: "the handler",
        says: "context.signal aborts, requests end, its iterator is asked to return",
        forth: [],
        back: [],
      },
      {
        file: "server/call.ts",
        forth: ["onReset", "end", "close"],
        back: ["settled"],
        says: "tells the handler, and waits for it: what it answers is thrown away",
      },
      {
        file: "server/dead-stream.ts",
        forth: ["errorOfDeadStream"],
        says: "who has ended it: the client, the connection, a proxy",
      },
      { file: "server/grpc-server-stream.ts", forth: ["onReset"], back: ["release"], says: "nothing more can be sent" },
      {
        file: "transport/http2-server.ts",
        back: ["streamDone"],
        says: "a connection that drains is closed after its last one",
      },
      { file: "transport/http2-session.ts", forth: ["onReset"], says: "the stream's owner is told" },
      {
        file: "http2/src/connection.ts",
        forth: ["receive"],
        back: ["release"],
        says: "until then the stream counts against the client's limit (rapid reset)",
      },
    ],
  },
  between: {
    name: "the wire",
    says: "the client does not wait for an answer, and there is none",
    forth: "RST_STREAM CANCEL",
  },
}
