// TS2416: Property 'sayHello' in type 'Polite' is not assignable … Type 'HelloRequest' is not assignable to type 'HelloReply'.

import type { Servicer } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"
import type { HelloReply } from "../gen/greeter_pb.js"

type Hello = Pick<Servicer<typeof Greeter>, "sayHello">

export class Polite implements Hello {
  sayHello({ message }: HelloReply) {
    return { message }
  }
}
