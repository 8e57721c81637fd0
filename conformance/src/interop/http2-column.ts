import { create, toBinary } from "@bufbuild/protobuf"
import { SimpleResponseSchema } from "../../interop/dist/gen/grpc/testing/test_pb.js"
import { caseServers } from "../test-support/http2-case-servers.js"
import { ScriptedServer } from "../test-support/scripted-server.js"
import { type Outcome, outcomeOf } from "./cell.js"
import { programsOf } from "./programs.js"

const responseSize = 314_159

/** Plays gRPC's eight HTTP/2 cases with our client, each against the server of raw frames that it is about. */
export async function playHttp2Cases(): Promise<ReadonlyMap<string, Outcome>> {
  const body = toBinary(SimpleResponseSchema, create(SimpleResponseSchema, { payload: zeros(responseSize) }))
  const response = Buffer.concat([Buffer.alloc(5), body])
  response.writeUInt32BE(body.length, 1)
  const outcomes = new Map<string, Outcome>()
  for (const [name, { play, check }] of Object.entries(caseServers)) {
    await using server = await ScriptedServer.listen((connection) => play(connection, response))
    const where = ["--server_host=127.0.0.1", `--server_port=${server.port}`]
    const program = programsOf("ours").client([...where, `--test_case=${name}`])
    const ended = program.end().then(() => check?.(server))
    outcomes.set(name, await outcomeOf(ended))
  }
  return outcomes
}

function zeros(size: number): { body: Uint8Array } {
  return { body: new Uint8Array(size) }
}
