// TS2416: Property 'sayHello' in type 'Polite' is not assignable … Type '({ name }: HelloRequest) => { mesage: string; }'

import type { Servicer } from "farcall"
import type { Greeter } from "../gen/greeter_grpc.js"
import type { HelloRequest } from "../gen/greeter_pb.js"

type Hello = Pick<Servicer<typeof Greeter>, "sayHello">

export class Polite implements Hello {
  sayHello({ name }: HelloRequest) {
    return { mesage: name }
  }
}
