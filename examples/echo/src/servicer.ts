import type { EchoServicer } from "./gen/echo_grpc.js"

export const echo: EchoServicer = {
  reply(request) {
    return { message: `You said: ${request.message}` }
  },
}
