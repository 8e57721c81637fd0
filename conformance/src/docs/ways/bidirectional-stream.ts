import type { Way } from "./way.js"

/** Both sides write as they like, and read when they like: what one has not read stops the other. */
export const bidirectionalStream: Way = {
  name: "bidirectional-stream",
  title:
    "The way of a bidirectional stream: requests one way, responses the other, and the credit that holds them back",
  forth: "the requests",
  back: "the responses",
  left: {
    head: "client",
    stops: [
      {
        name: "your program",
        says: "await chat.write({ text }); for await (const reply of chat) …",
        forth: [],
        back: [],
      },
      {
        file: "client/direct-invoker.ts",
        forth: ["DirectCall", "write", "end"],
        says: "what the user holds of it: never thenable, so it can be returned",
      },
      {
        file: "core/message-queue.ts",
        back: ["push", "next"],
        says: "responses wait for their reader; credit is given as they are taken",
      },
      {
        file: "client/streaming-call.ts",
        forth: ["withRequests", "write", "send"],
        back: ["onMessage", "onFinish"],
        says: "requests from an iterable, or by hand, as fast as there is room",
      },
      {
        file: "client/sent-requests.ts",
        forth: ["keep", "sendTo"],
        says: "a copy, until the server is known to have seen the stream",
      },
      {
        file: "client/call.ts",
        forth: ["start", "begin"],
        back: ["onHeaders", "onEnd"],
        says: "on its way to a stream, and at its end, as every other call",
      },
      {
        file: "transport/http2-client.ts",
        forth: ["open"],
        says: "found by client/balanced-channel.ts and its picker",
      },
      {
        file: "transport/grpc-client-stream.ts",
        forth: ["sendMessage", "end"],
        back: ["onMessage", "onWritable"],
        says: "consumed() hands credit down, onWritable() hands room up",
      },
      {
        file: "transport/message-writer.ts",
        forth: ["write"],
        says: "straight into the output while there is window, else into a slab",
      },
      {
        file: "core/message-framing.ts",
        back: ["receiveMessages"],
        says: "many messages in a frame, or many frames to a message",
      },
      {
        file: "http2/src/connection.ts",
        forth: ["commitData", "endStream"],
        back: ["receive", "consumed"],
        says: "windows of both sides; WINDOW_UPDATE once half of one is taken",
      },
      {
        file: "http2/src/send-scheduler.ts",
        forth: ["commit", "pump"],
        says: "what the window holds back, a frame of each stream in turn",
      },
      {
        file: "transport/http2-session.ts",
        forth: ["flushNow"],
        back: ["onChunk", "onData"],
        says: "one write a turn",
      },
    ],
  },
  right: {
    head: "server",
    stops: [
      {
        name: "the handler",
        says: "async *chat(requests) { for await (const one of requests) yield … }",
        forth: [],
        back: [],
      },
      {
        file: "core/message-queue.ts",
        forth: ["push", "next"],
        says: "requests wait for the handler; credit is given as they are taken",
      },
      {
        file: "server/response-stream.ts",
        back: ["pull", "onWritable"],
        says: "the handler is asked for the next response when there is room",
      },
      {
        file: "server/call.ts",
        forth: ["run", "onMessage"],
        back: ["replyAll", "sendResponse"],
        says: "the handler runs from the start, before there is a request",
      },
      {
        file: "core/message-framing.ts",
        forth: ["receiveMessages"],
        says: "many messages in a frame, or many frames to a message",
      },
      {
        file: "transport/message-writer.ts",
        back: ["write"],
        says: "straight into the output while there is window, else into a slab",
      },
      {
        file: "server/grpc-server-stream.ts",
        forth: ["onData", "onMessage"],
        back: ["sendMessage", "onWritable"],
        says: "consumed() hands credit down, onWritable() hands room up",
      },
      {
        file: "http2/src/connection.ts",
        forth: ["receive", "consumed"],
        back: ["commitData"],
        says: "windows of both sides; WINDOW_UPDATE once half of one is taken",
      },
      {
        file: "http2/src/send-scheduler.ts",
        back: ["commit", "pump"],
        says: "what the window holds back, a frame of each stream in turn",
      },
      {
        file: "transport/http2-session.ts",
        forth: ["onChunk", "onData"],
        back: ["flushNow"],
        says: "one write a turn",
      },
    ],
  },
  between: {
    name: "the wire",
    says: "WINDOW_UPDATE both ways: a reader that pauses makes the writer pause, through both processes",
    forth: "HEADERS, DATA …, DATA with END_STREAM",
    back: "HEADERS, DATA …, HEADERS with END_STREAM",
  },
}
