import { addressFlags, reportFailure } from "@farcall/example-program"
import { createChannel, createClient, insecure } from "farcall"
import { FormatData } from "./gen/data_grpc.js"

const channel = createChannel(addressFlags(8080), { credentials: insecure() })
const formatData = createClient(FormatData, channel)
try {
  const { text } = await formatData.doFormat({ text: "hello,world!" })
  console.log(`received: ${text}`)
} catch (error) {
  reportFailure(error)
} finally {
  await channel.close()
}
