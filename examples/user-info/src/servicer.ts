import type { UserInfoServicer } from "./gen/example_grpc.js"

export const userInfo: UserInfoServicer = {
  info(request) {
    return { message: `Hello, ${request.name}!` }
  },
}
