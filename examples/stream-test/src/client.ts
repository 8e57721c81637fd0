import { addressFlags, reportFailure } from "@farcall/example-program"
import { createChannel, createClient, insecure } from "farcall"
import { StreamTest } from "./gen/example_grpc.js"

const channel = createChannel(addressFlags(50051), { credentials: insecure() })
const streamTest = createClient(StreamTest, channel)
try {
  console.log("-------------- RecordRoute --------------")
  const closed = await streamTest.clientStream([{ message: "close" }])
  console.log(closed.message)
  const heard = await streamTest.clientStream([{ message: "a" }, { message: "b" }])
  console.log(heard.message)
} catch (error) {
  reportFailure(error)
} finally {
  await channel.close()
}
