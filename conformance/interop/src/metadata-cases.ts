import { readFile } from "node:fs/promises"
import { accessToken, type Metadata } from "farcall"
import { collect, expectEqual, expectZeros, zeros } from "./expectations.js"
import { requestSize, responseSize } from "./payload-cases.js"
import type { PlayCase } from "./stage.js"

const echoed = {
  "x-grpc-test-echo-initial": "test_initial_metadata_value",
  "x-grpc-test-echo-trailing-bin": new Uint8Array([0xab, 0xab, 0xab]),
}

/** What goes along with calls. */
export const metadataCases: Readonly<Record<string, PlayCase>> = {
  async custom_metadata({ client }) {
    let [headers, trailers]: (Metadata | undefined)[] = []
    const metadata = echoed
    const { payload } = await client.unaryCall(
      { responseSize, payload: zeros(requestSize) },
      { metadata, onHeader: (came) => (headers = came), onTrailer: (came) => (trailers = came) },
    )
    expectZeros(payload, responseSize)
    expectEchoes(headers, trailers)

    const call = client.fullDuplexCall(
      [{ responseParameters: [{ size: responseSize }], payload: zeros(requestSize) }],
      { metadata },
    )
    const responses = await collect(call)
    expectEqual("responses", responses.length, 1)
    expectZeros(responses[0]!.payload, responseSize)
    expectEchoes(await call.headers, await call.trailers)
  },

  /** Not with a token of Google's, as in their cloud, but with one that the key file holds. */
  async per_rpc_creds({ client, flags: { service_account_key_file, oauth_scope } }) {
    const account = JSON.parse(await readFile(service_account_key_file, "utf8"))
    const { username, oauthScope } = await client.unaryCall(
      { fillUsername: true, fillOauthScope: true },
      { credentials: accessToken(account.access_token) },
    )
    expectEqual("username", username, account.client_email)
    expectEqual("oauth_scope", oauthScope, oauth_scope)
  },
}

function expectEchoes(headers: Metadata | undefined, trailers: Metadata | undefined): void {
  for (const [key, value] of Object.entries(echoed)) {
    const side = key.endsWith("-bin") ? trailers : headers
    expectEqual(key, side?.getAll(key), [value])
  }
}
