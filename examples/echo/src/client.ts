import { addressFlags, reportFailure } from "@farcall/example-program"
import { createChannel, createClient, insecure } from "farcall"
import { Echo } from "./gen/echo_grpc.js"

const channel = createChannel(addressFlags(50051), { credentials: insecure() })
const echo = createClient(Echo, channel)
try {
  const { message } = await echo.reply({ message: "Hello World!" })
  console.log(message)
} catch (error) {
  reportFailure(error)
} finally {
  await channel.close()
}
