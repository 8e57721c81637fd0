import { addressFlags, reportFailure } from "@farcall/example-program"
import { createChannel, createClient, insecure } from "farcall"
import { UserInfo } from "./gen/example_grpc.js"

const channel = createChannel(addressFlags(50051), { credentials: insecure() })
const userInfo = createClient(UserInfo, channel)
try {
  console.log("Will try to greet world ...")
  const { message } = await userInfo.info({ name: "you" })
  console.log(`Greeter client received: ${message}`)
} catch (error) {
  reportFailure(error)
} finally {
  await channel.close()
}
