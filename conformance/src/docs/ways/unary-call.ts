import type { Way } from "./way.js"

/** From the line in a program that calls to the handler that answers. */
export const unaryCall: Way = {
  name: "unary-call",
  title: "The way of a unary call: down through the client, over the wire, up through the server, and back",
  forth: "the request",
  back: "the response",
  left: {
    head: "client",
    stops: [
      { name: "your program", says: "await greeter.sayHello({ name })", forth: [], back: [] },
      {
        file: "client/method-function.ts",
        forth: ["methodFunction", "withDefaults"],
        says: "made by client/client.ts; what the client says of all its calls",
      },
      {
        file: "client/intercept.ts",
        forth: ["interceptedInvoker", "performUnary"],
        optional: true,
        says: "only where there are interceptors",
      },
      {
        file: "client/unary-call.ts",
        forth: ["callUnary", "onOpen"],
        back: ["onMessage", "onFinish"],
        says: "one promise: encodes when a stream is open, decodes what comes",
      },
      {
        file: "client/call.ts",
        forth: ["start", "begin"],
        back: ["onEnd", "finish"],
        says: "deadline, signal, and the one end of every call",
      },
      {
        file: "client/balanced-channel.ts",
        forth: ["start", "place"],
        says: "the latest picker places it, or it waits in client/waiting-calls.ts",
      },
      {
        file: "balance/pick-first.ts",
        forth: ["place"],
        says: "on the one connection that balance/subchannel.ts has made",
      },
      {
        file: "transport/http2-client.ts",
        forth: ["open"],
        says: "the head, prepared once for each method; timeout and metadata",
      },
      {
        file: "transport/grpc-client-stream.ts",
        forth: ["open", "sendMessage"],
        back: ["onMessage", "endWithTrailers"],
        says: "gRPC on one HTTP/2 stream: its head, its messages, its status",
      },
      {
        file: "transport/message-writer.ts",
        forth: ["write"],
        says: "encodes into the connection's own output, behind the prefix",
      },
      {
        file: "core/message-framing.ts",
        back: ["receiveMessages"],
        says: "prefix and body, however the frames are cut",
      },
      {
        file: "http2/src/connection.ts",
        forth: ["openStream", "commitData"],
        back: ["receive"],
        says: "HTTP/2: headers, frames, windows; commands queue",
      },
      {
        file: "transport/http2-session.ts",
        forth: ["onOutput", "flushNow"],
        back: ["onChunk", "onData"],
        says: "one write a turn; gives each stream what is its own",
      },
      { file: "transport/socket.ts", forth: ["write"], back: ["read"], says: "or transport/in-memory.ts" },
    ],
  },
  right: {
    head: "server",
    stops: [
      { name: "the handler", says: "sayHello: ({ name }) => ({ message: greeting(name) })", forth: [], back: [] },
      {
        file: "server/call.ts",
        forth: ["start", "onMessage", "run"],
        back: ["reply", "succeed"],
        says: "deadline, decoding, the handler and its context, the answer",
      },
      {
        file: "server/intercept.ts",
        forth: ["interceptCalls"],
        optional: true,
        says: "only where there are interceptors, before the request is read",
      },
      { file: "server/router.ts", forth: ["find"], says: "the method by its path" },
      {
        file: "core/message-framing.ts",
        forth: ["receiveMessages"],
        says: "prefix and body, however the frames are cut",
      },
      {
        file: "transport/message-writer.ts",
        back: ["write"],
        says: "encodes into the connection's own output, behind the prefix",
      },
      {
        file: "server/grpc-server-stream.ts",
        forth: ["onHeaders", "onData"],
        back: ["sendHeaders", "sendMessage", "finish"],
        says: "gRPC on one HTTP/2 stream: its head, its messages, its end",
      },
      {
        file: "transport/http2-server.ts",
        forth: ["accept"],
        says: "one client's connection, which gives a stream its owner",
      },
      {
        file: "http2/src/connection.ts",
        forth: ["receive"],
        back: ["sendHeaders", "commitData"],
        says: "the same class in both roles",
      },
      {
        file: "transport/http2-session.ts",
        forth: ["onChunk", "onHeaders"],
        back: ["onOutput", "flushNow"],
        says: "the same class in both roles",
      },
      {
        file: "transport/socket.ts",
        forth: ["read"],
        back: ["write"],
        says: "server/listener.ts has seen by its first bytes that it is HTTP/2",
      },
    ],
  },
  between: {
    name: "the wire",
    says: "nothing waits on the way but for the network: each hop is a call",
    forth: "HEADERS, DATA with END_STREAM",
    back: "HEADERS, DATA, HEADERS with END_STREAM",
  },
}
