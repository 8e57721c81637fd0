// TS2420: Class 'Polite' incorrectly implements interface 'Servicer< … Property 'recordNames' is missing in type 'Polite'

import type { Servicer } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"
import type { HelloRequest } from "../gen/greeter_pb.js"

export class Polite implements Servicer<typeof Greeter> {
  sayHello({ name }: HelloRequest) {
    return { message: name }
  }
  *listGreetings({ name }: HelloRequest) {
    yield { message: name }
  }
  async *chat(requests: AsyncIterable<HelloRequest>) {
    for await (const { name } of requests) yield { message: name }
  }
}
