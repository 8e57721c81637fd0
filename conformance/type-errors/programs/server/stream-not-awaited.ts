// TS2488: Type 'AsyncIterable<HelloRequest>' must have a '[Symbol.iterator]()' method that returns an iterator.

import { createServer } from "farcall"
import { Greeter } from "../gen/greeter_grpc.js"

const server = createServer()

server.add(Greeter, {
  recordNames(requests) {
    let count = 0
    for (const { name } of requests) count += name.length
    return { count }
  },
})
