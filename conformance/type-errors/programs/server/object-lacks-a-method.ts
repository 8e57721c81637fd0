// TS2741: Property 'recordNames' is missing in type … but required in type 'GreeterServicer'.

import type { GreeterServicer } from "../gen/greeter_grpc.js"

export const polite: GreeterServicer = {
  sayHello: ({ name }) => ({ message: name }),
  *listGreetings({ name }) {
    yield { message: name }
  },
  async *chat(requests) {
    for await (const { name } of requests) yield { message: name }
  },
}
