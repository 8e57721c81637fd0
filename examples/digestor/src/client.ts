import { addressFlags, reportFailure } from "@farcall/example-program"
import { createChannel, createClient, insecure } from "farcall"
import { Digestor } from "./gen/digestor_grpc.js"

const channel = createChannel(addressFlags(5001), { credentials: insecure() })
const digestor = createClient(Digestor, channel)
try {
  const reply = await digestor.getDigestor({ ToDigest: "Test" })
  console.log(`Digested: "${reply.Digested}"`)
  console.log(`WasDigest: ${reply.WasDigest}`)
} catch (error) {
  reportFailure(error)
} finally {
  await channel.close()
}
